"""Copies made by an S3 store itself: no byte passes through the platform."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from hexa.backends.storage.clients import Clients
from hexa.backends.storage.failures import said_of_the_target, translated
from hexa.backends.storage.store import Copied, ObjectFacts
from hexa.backends.storage.uploads import conditional

# S3 copies up to 5 GB at once. Less keeps each request short, and a store that copies
# bytes rather than references within its time limit.
COPIED_AT_ONCE = 2**30
_SMALLEST_PART = 5 * 2**20
_MOST_PARTS = 9_000
_AT_A_TIME = 4


class Copies(Clients):
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
        at_once: int = COPIED_AT_ONCE,
    ) -> Copied:
        source: Any = {"Bucket": bucket, "Key": key}
        if version:
            source["VersionId"] = version
        unchanged: Any = {"IfMatch": etag} if etag else {}
        with translated():
            facts = self._s3.head_object(**source, **unchanged)
        target: Any = {"Bucket": to_bucket, "Key": to_key}
        with translated(), said_of_the_target(replacing):
            if facts["ContentLength"] > at_once:
                return self._copy_in_parts(source, facts, target, replacing, at_once)
            answer = self._s3.copy_object(
                CopySource=source,
                CopySourceIfMatch=facts["ETag"],
                **target,
                **conditional(replacing),
            )
        return Copied(
            etag=answer["CopyObjectResult"]["ETag"].strip('"'),
            version=answer.get("VersionId", ""),
        )

    def _copy_in_parts(
        self,
        source: Any,
        facts: Any,
        target: Any,
        replacing: str | None,
        at_once: int,
    ) -> Copied:
        size = facts["ContentLength"]
        step = max(_SMALLEST_PART, at_once // 8, -(-size // _MOST_PARTS))
        begun = self._s3.create_multipart_upload(
            Bucket=target["Bucket"],
            Key=target["Key"],
            ContentType=facts.get("ContentType", ""),
            Metadata=facts.get("Metadata", {}),
        )
        going: Any = {**target, "UploadId": begun["UploadId"]}

        def part(number: int) -> Any:
            start = (number - 1) * step
            made = self._s3.upload_part_copy(
                **going,
                PartNumber=number,
                CopySource=source,
                CopySourceIfMatch=facts["ETag"],
                CopySourceRange=f"bytes={start}-{min(start + step, size) - 1}",
            )
            return {"PartNumber": number, "ETag": made["CopyPartResult"]["ETag"]}

        try:
            with ThreadPoolExecutor(_AT_A_TIME) as threads:
                parts = list(threads.map(part, range(1, -(-size // step) + 1)))
            answer = self._s3.complete_multipart_upload(
                **going, MultipartUpload={"Parts": parts}, **conditional(replacing)
            )
        except BaseException:
            # The parts would be kept, and paid for, until somebody looks.
            with suppress(ClientError, BotoCoreError):
                self._s3.abort_multipart_upload(**going)
            raise
        return Copied(
            etag=answer["ETag"].strip('"'), version=answer.get("VersionId", "")
        )


def facts_of(key: str, found: Any) -> ObjectFacts:
    """From the answer to a HEAD."""
    return ObjectFacts(
        key=key,
        size_bytes=found["ContentLength"],
        modified_at=found["LastModified"],
        etag=found["ETag"].strip('"'),
        content_type=found.get("ContentType", ""),
        version=found.get("VersionId", ""),
    )
