"""Copies Google makes itself ("rewrites"): no byte passes through the platform."""

from typing import Any

from hexa.backends.storage import errors
from hexa.backends.storage.google.calls import Calls, object_path, said_of_the_target
from hexa.backends.storage.google.uploads import generation_for
from hexa.backends.storage.store import ANYTHING, Copied


class Copies(Calls):
    def copy(
        self,
        bucket: str,
        key: str,
        *,
        to_bucket: str,
        to_key: str,
        version: str = "",
        etag: str = "",
        replacing: str | None = None,
    ) -> Copied:
        facts = self._facts(bucket, key, generation=version)
        if etag and facts["generation"] != etag:
            raise errors.ObjectChanged
        made = self._rewrite(
            f"{object_path(bucket, key)}/rewriteTo/{object_path(to_bucket, to_key)}",
            source=facts["generation"],
            replacing=replacing,
        )
        return Copied(etag=made["generation"], version=made["generation"])

    def _rewrite(self, path: str, *, source: str, replacing: str | None) -> Any:
        """What was made. A large copy between regions takes several requests."""
        token = ""
        while True:
            with said_of_the_target(replacing):
                answer = self._ask(
                    "POST",
                    path,
                    # Met again after it was met, the condition would fail.
                    is_repeatable=replacing == ANYTHING,
                    params={
                        "sourceGeneration": source,
                        "ifGenerationMatch": generation_for(replacing),
                        "rewriteToken": token,
                    },
                )
            if answer["done"]:
                return answer["resource"]
            token = answer["rewriteToken"]
