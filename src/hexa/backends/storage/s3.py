"""Any store that speaks S3: the embedded one, Amazon's, others."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from hexa.backends.storage import errors, policies
from hexa.backends.storage.copies import Copies, facts_of
from hexa.backends.storage.disposition import attachment
from hexa.backends.storage.failures import translated
from hexa.backends.storage.history import History
from hexa.backends.storage.store import (
    ANYTHING,
    Credentials,
    Grant,
    ObjectFacts,
    Page,
    condition,
)
from hexa.backends.storage.uploads import Uploads, conditional, typed

# What STS accepts; a shorter life is promised to the holder, so that it comes back.
_SHORTEST_LIFE = dt.timedelta(minutes=15)
_LONGEST_LIFE = dt.timedelta(hours=12)


class S3(Copies, History, Uploads):
    """Its fields are those of `Clients`."""

    # --- Buckets

    def create_bucket(self, bucket: str) -> None:
        with translated():
            self._s3.create_bucket(Bucket=bucket)
            self._s3.put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
            self._s3.put_bucket_cors(
                Bucket=bucket,
                CORSConfiguration={
                    "CORSRules": [
                        {
                            "AllowedOrigins": [self.origin],
                            "AllowedMethods": ["GET", "HEAD", "PUT"],
                            "AllowedHeaders": ["*"],
                            "ExposeHeaders": ["ETag"],
                            "MaxAgeSeconds": 3600,
                        }
                    ]
                },
            )

    def delete_bucket(self, bucket: str) -> None:
        before: list[Any] = []
        try:
            with translated():
                # SeaweedFS says of a null deletion marker, as one is left where
                # versioning is suspended, that it is gone, and shows it again.
                while (found := self._some_versions(bucket)) != before:
                    self._s3.delete_objects(
                        Bucket=bucket, Delete={"Objects": found, "Quiet": True}
                    )
                    before = found
                self._s3.delete_bucket(Bucket=bucket)
        except errors.BucketNotFound:
            return
        self._objects.pop(bucket, None)

    def _some_versions(self, bucket: str) -> list[Any]:
        answer = self._s3.list_object_versions(Bucket=bucket)
        found = [*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())]
        return [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]

    # --- Reading

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", limit: int = 50
    ) -> Page:
        return self._list(bucket, prefix, "/", after, limit)

    def list_keys(
        self, bucket: str, prefix: str, *, after: str = "", limit: int = 1000
    ) -> Page:
        return self._list(bucket, prefix, "", after, limit)

    def _list(
        self, bucket: str, prefix: str, delimiter: str, after: str, limit: int
    ) -> Page:
        continued: Any = {"ContinuationToken": after} if after else {}
        with translated():
            answer = self._s3.list_objects_v2(
                Bucket=bucket,
                Prefix=prefix,
                Delimiter=delimiter,
                MaxKeys=limit,
                **continued,
            )
        objects = [
            ObjectFacts(
                key=one["Key"],
                size_bytes=one["Size"],
                modified_at=one["LastModified"],
                etag=one["ETag"].strip('"'),
            )
            for one in answer.get("Contents", ())
            # A folder made by hand holds an object of its own name.
            if not (delimiter and one["Key"] == prefix)
        ]
        return Page(
            folders=[one["Prefix"] for one in answer.get("CommonPrefixes", ())],
            objects=objects,
            next=answer.get("NextContinuationToken"),
        )

    def head(self, bucket: str, key: str, *, version: str = "") -> ObjectFacts:
        with translated():
            found = self._s3.head_object(Bucket=bucket, Key=key, **_exactly(version))
        return facts_of(key, found)

    def read(
        self,
        bucket: str,
        key: str,
        *,
        start: int = 0,
        length: int,
        version: str = "",
    ) -> bytes:
        if length <= 0:
            return b""
        span = f"bytes={start}-{start + length - 1}"
        try:
            with translated():
                answer = self._s3.get_object(
                    Bucket=bucket, Key=key, Range=span, **_exactly(version)
                )
                return answer["Body"].read()
        except errors.InvalidForStore:  # the range starts at or after the end
            self.head(bucket, key, version=version)
            return b""

    def stream(
        self, bucket: str, key: str, *, chunk_bytes: int = 2**20, etag: str = ""
    ) -> Iterator[bytes]:
        unchanged: Any = {"IfMatch": etag} if etag else {}
        with translated():
            answer = self._s3.get_object(Bucket=bucket, Key=key, **unchanged)
            yield from answer["Body"].iter_chunks(chunk_bytes)

    # --- Writing

    def put(
        self, bucket: str, key: str, content: bytes, *, content_type: str = ""
    ) -> None:
        with translated():
            self._s3.put_object(
                Bucket=bucket, Key=key, Body=content, **typed(content_type)
            )

    def make_folder(self, bucket: str, prefix: str) -> None:
        with translated():
            self._s3.put_object(Bucket=bucket, Key=prefix, Body=b"")

    # --- Links

    def link_to_get(
        self,
        bucket: str,
        key: str,
        *,
        lifetime: dt.timedelta,
        save_as: str = "",
        version: str = "",
        is_inside: bool = False,
    ) -> str:
        parameters = {"Bucket": bucket, "Key": key, **_exactly(version)}
        if save_as:
            parameters["ResponseContentDisposition"] = attachment(save_as)
        return self._sign("get_object", parameters, lifetime, is_inside=is_inside)

    def condition(self, replacing: str | None) -> dict[str, str]:
        return condition(replacing)

    def link_to_put(
        self,
        bucket: str,
        key: str,
        *,
        lifetime: dt.timedelta,
        replacing: str | None = ANYTHING,
        is_inside: bool = False,
    ) -> str:
        parameters = {"Bucket": bucket, "Key": key, **conditional(replacing)}
        return self._sign("put_object", parameters, lifetime, is_inside=is_inside)

    def link_to_put_part(
        self,
        bucket: str,
        key: str,
        upload: str,
        number: int,
        *,
        lifetime: dt.timedelta,
        is_inside: bool = False,
    ) -> str:
        parameters = {
            "Bucket": bucket,
            "Key": key,
            "UploadId": upload,
            "PartNumber": number,
        }
        return self._sign("upload_part", parameters, lifetime, is_inside=is_inside)

    def _sign(
        self,
        operation: Literal["get_object", "put_object", "upload_part"],
        parameters: dict[str, Any],
        lifetime: dt.timedelta,
        *,
        is_inside: bool,
    ) -> str:
        if isinstance(self.links, S3):
            return self.links._sign(  # noqa: SLF001 # one of ours
                operation, parameters, lifetime, is_inside=is_inside
            )
        client = self._s3 if is_inside else self._signer
        url = client.generate_presigned_url(
            operation, Params=parameters, ExpiresIn=int(lifetime.total_seconds())
        )
        if is_inside:
            return url
        # Signed without the path that is taken away before the store sees it: told of
        # that path by X-Forwarded-Prefix, the store verifies plain names only.
        signed = urlsplit(url)
        path = urlsplit(self.public_url).path.rstrip("/") + signed.path
        return urlunsplit(signed._replace(path=path))

    # --- Sessions

    def mint(
        self, grants: Sequence[Grant], *, session: str, lifetime: dt.timedelta
    ) -> Credentials:
        now = dt.datetime.now(dt.UTC)
        life = min(max(lifetime, _SHORTEST_LIFE), _LONGEST_LIFE)
        with translated():
            answer = self._sts.assume_role(
                RoleArn=self.role_arn,
                RoleSessionName=session,
                Policy=policies.session_policy(grants),
                DurationSeconds=int(life.total_seconds()),
            )
        given = answer["Credentials"]
        return Credentials(
            access_key_id=given["AccessKeyId"],
            secret_access_key=given["SecretAccessKey"],
            token=given["SessionToken"],
            expires_at=min(given["Expiration"], now + lifetime),
            session=session,
        )

    def shut_out(self, bucket: str, sessions: Collection[str]) -> None:
        if not sessions:
            with suppress(errors.PolicyNotFound), translated():
                self._s3.delete_bucket_policy(Bucket=bucket)
            return
        policy = policies.shutting_out(bucket, sessions, role_arn=self.role_arn)
        with translated():
            self._s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def _exactly(version: str) -> Any:
    return {"VersionId": version} if version else {}
