"""What an S3 store keeps of objects that were overwritten or deleted."""

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from hexa.backends.storage import errors
from hexa.backends.storage.clients import Clients
from hexa.backends.storage.failures import translated
from hexa.backends.storage.store import Marker, Version, VersionPage

_MOST_PER_DELETION = 1000
_MOST_VERSIONS = 1000


class History(Clients):
    def keeps_versions(self, bucket: str) -> bool:
        with translated():
            answer = self._s3.get_bucket_versioning(Bucket=bucket)
        return answer.get("Status") == "Enabled"

    def delete(self, bucket: str, keys: Sequence[str]) -> list[Marker]:
        answer = self._delete(bucket, [{"Key": key} for key in keys])
        return [
            Marker(key=one["Key"], version=one["DeleteMarkerVersionId"])
            for one in answer.get("Deleted", ())
            if one.get("DeleteMarkerVersionId")
        ]

    def undelete(self, bucket: str, markers: Sequence[Marker]) -> None:
        self.forget(bucket, markers)

    def forget(self, bucket: str, versions: Sequence[Marker]) -> None:
        exactly = [{"Key": one.key, "VersionId": one.version} for one in versions]
        self._delete(bucket, exactly)

    def _delete(self, bucket: str, objects: list[Any]) -> Any:
        if len(objects) > _MOST_PER_DELETION:
            raise ValueError(len(objects))
        if not objects:
            return {}
        with translated():
            answer = self._s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
        if answer.get("Errors"):
            raise errors.StoreOutage
        return answer

    def versions(
        self, bucket: str, prefix: str, *, after: str = "", limit: int = 1000
    ) -> VersionPage:
        return self._versions(bucket, prefix, "", after, limit)

    def _versions(
        self, bucket: str, prefix: str, delimiter: str, after: str, limit: int
    ) -> VersionPage:
        continued: Any = json.loads(after) if after else {}
        with translated():
            answer = self._s3.list_object_versions(
                Bucket=bucket,
                Prefix=prefix,
                Delimiter=delimiter,
                MaxKeys=limit,
                **continued,
            )
        found = [
            *(_version(one) for one in answer.get("Versions", ())),
            *(_version(one) for one in answer.get("DeleteMarkers", ())),
        ]
        # By key, and of one key the newest first; one that is in force before all.
        found.sort(key=attrgetter("is_latest", "modified_at"), reverse=True)
        found.sort(key=attrgetter("key"))
        following = ""
        if answer["IsTruncated"]:
            following = json.dumps(
                {
                    "KeyMarker": answer["NextKeyMarker"],
                    "VersionIdMarker": answer.get("NextVersionIdMarker", ""),
                }
            )
        return VersionPage(found, following or None)

    def versions_of(self, bucket: str, key: str, *, limit: int = 1000) -> VersionPage:
        # SeaweedFS goes through a.csv.gz before it comes to the versions of a.csv.
        found: list[Version] = []
        after: str | None = ""
        while after is not None and len(found) <= limit:
            page = self._versions(bucket, key, "/", after, _MOST_VERSIONS)
            found += [one for one in page.versions if one.key == key]
            after = page.next
            if found and page.versions and page.versions[-1].key != key:
                break
        return VersionPage(found[:limit], "more" if len(found) > limit else None)


def _version(one: Any) -> Version:
    """From an entry of Versions, or of DeleteMarkers, which have no size."""
    return Version(
        key=one["Key"],
        id=one["VersionId"],
        is_latest=one["IsLatest"],
        is_deletion="Size" not in one,
        size_bytes=one.get("Size", 0),
        modified_at=one["LastModified"],
        etag=one.get("ETag", "").strip('"'),
    )
