"""Any store that speaks S3: the embedded one, Amazon's, others."""

import datetime as dt
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

import boto3
import obstore
from botocore.config import Config
from obstore.store import S3Store as Objects

from hexa.backends.storage import errors, policies
from hexa.backends.storage.failures import translated
from hexa.backends.storage.store import (
    Credentials,
    Grant,
    Marker,
    ObjectFacts,
    Page,
    Part,
    Version,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sts.client import STSClient

# What STS accepts; a shorter life is promised to the holder, so that it comes back.
_SHORTEST_LIFE = dt.timedelta(minutes=15)
_LONGEST_LIFE = dt.timedelta(hours=12)
_MOST_PER_DELETION = 1000
_CONFIG = Config(
    signature_version="s3v4",  # v2 signs names outside ASCII wrongly
    s3={"addressing_style": "path"},
    connect_timeout=3,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=32,
)


@dataclass(frozen=True)
class S3:
    """A store at `endpoint`, reached with the platform's own key.

    `public_url` is where browsers find it, if not at the endpoint; it may have a path
    that whatever stands in front takes away. `origin` is that of the platform's pages.
    """

    endpoint: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    role_arn: str
    origin: str
    public_url: str = ""
    _objects: dict[str, Objects] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

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
        try:
            with translated():
                while found := self._some_versions(bucket):
                    self._s3.delete_objects(
                        Bucket=bucket, Delete={"Objects": found, "Quiet": True}
                    )
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

    def head(self, bucket: str, key: str) -> ObjectFacts:
        with translated():
            found = self._s3.head_object(Bucket=bucket, Key=key)
        return ObjectFacts(
            key=key,
            size_bytes=found["ContentLength"],
            modified_at=found["LastModified"],
            etag=found["ETag"].strip('"'),
            content_type=found.get("ContentType", ""),
            version=found.get("VersionId", ""),
        )

    def read(self, bucket: str, key: str, *, start: int = 0, length: int) -> bytes:
        if length <= 0:
            return b""
        span = f"bytes={start}-{start + length - 1}"
        try:
            with translated():
                answer = self._s3.get_object(Bucket=bucket, Key=key, Range=span)
                return answer["Body"].read()
        except errors.InvalidForStore:  # the range starts at or after the end
            self.head(bucket, key)
            return b""

    def stream(
        self, bucket: str, key: str, *, chunk_bytes: int = 2**20
    ) -> Iterator[bytes]:
        with translated():
            answer = self._s3.get_object(Bucket=bucket, Key=key)
            yield from answer["Body"].iter_chunks(chunk_bytes)

    # --- Writing

    def put(
        self, bucket: str, key: str, content: bytes, *, content_type: str = ""
    ) -> None:
        with translated():
            self._s3.put_object(
                Bucket=bucket, Key=key, Body=content, **_typed(content_type)
            )

    def put_stream(
        self, bucket: str, key: str, content: IO[bytes], *, content_type: str = ""
    ) -> None:
        attributes: Any = {"Content-Type": content_type} if content_type else None
        with translated():
            obstore.put(self._of(bucket), key, content, attributes=attributes)

    def make_folder(self, bucket: str, prefix: str) -> None:
        with translated():
            self._s3.put_object(Bucket=bucket, Key=prefix, Body=b"")

    def copy(self, bucket: str, key: str, *, to_bucket: str, to_key: str) -> None:
        with translated():
            self._s3.copy(
                CopySource={"Bucket": bucket, "Key": key}, Bucket=to_bucket, Key=to_key
            )

    def start_upload(self, bucket: str, key: str, *, content_type: str = "") -> str:
        with translated():
            answer = self._s3.create_multipart_upload(
                Bucket=bucket, Key=key, **_typed(content_type)
            )
        return answer["UploadId"]

    def complete_upload(
        self, bucket: str, key: str, upload: str, parts: Sequence[Part]
    ) -> None:
        with translated():
            self._s3.complete_multipart_upload(
                Bucket=bucket,
                Key=key,
                UploadId=upload,
                MultipartUpload={
                    "Parts": [
                        {"PartNumber": part.number, "ETag": part.etag} for part in parts
                    ]
                },
            )

    def abort_upload(self, bucket: str, key: str, upload: str) -> None:
        with translated():
            self._s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)

    def delete(self, bucket: str, keys: Sequence[str]) -> list[Marker]:
        if len(keys) > _MOST_PER_DELETION:
            raise ValueError(len(keys))
        with translated():
            answer = self._s3.delete_objects(
                Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]}
            )
        if answer.get("Errors"):
            raise errors.StoreOutage
        return [
            Marker(key=one["Key"], version=one["DeleteMarkerVersionId"])
            for one in answer.get("Deleted", ())
            if one.get("DeleteMarkerVersionId")
        ]

    def undelete(self, bucket: str, markers: Sequence[Marker]) -> None:
        if not markers:
            return
        with translated():
            answer = self._s3.delete_objects(
                Bucket=bucket,
                Delete={
                    "Objects": [
                        {"Key": marker.key, "VersionId": marker.version}
                        for marker in markers
                    ]
                },
            )
        if answer.get("Errors"):
            raise errors.StoreOutage

    def versions(self, bucket: str, prefix: str, *, limit: int = 1000) -> list[Version]:
        with translated():
            answer = self._s3.list_object_versions(
                Bucket=bucket, Prefix=prefix, MaxKeys=limit
            )
        kept = [
            Version(
                key=one["Key"],
                id=one["VersionId"],
                is_latest=one["IsLatest"],
                is_deletion=False,
                size_bytes=one["Size"],
                modified_at=one["LastModified"],
            )
            for one in answer.get("Versions", ())
        ]
        markers = [
            Version(
                key=one["Key"],
                id=one["VersionId"],
                is_latest=one["IsLatest"],
                is_deletion=True,
                size_bytes=0,
                modified_at=one["LastModified"],
            )
            for one in answer.get("DeleteMarkers", ())
        ]
        return sorted([*kept, *markers], key=lambda one: one.modified_at, reverse=True)

    # --- Links

    def link_to_get(
        self,
        bucket: str,
        key: str,
        *,
        lifetime: dt.timedelta,
        save_as: str = "",
        is_inside: bool = False,
    ) -> str:
        parameters = {"Bucket": bucket, "Key": key}
        if save_as:
            parameters["ResponseContentDisposition"] = attachment(save_as)
        return self._sign("get_object", parameters, lifetime, is_inside=is_inside)

    def link_to_put(
        self,
        bucket: str,
        key: str,
        *,
        lifetime: dt.timedelta,
        is_inside: bool = False,
    ) -> str:
        parameters = {"Bucket": bucket, "Key": key}
        return self._sign("put_object", parameters, lifetime, is_inside=is_inside)

    def link_to_put_part(
        self, bucket: str, key: str, upload: str, number: int, *, lifetime: dt.timedelta
    ) -> str:
        parameters = {
            "Bucket": bucket,
            "Key": key,
            "UploadId": upload,
            "PartNumber": number,
        }
        return self._sign("upload_part", parameters, lifetime, is_inside=False)

    def _sign(
        self,
        operation: Literal["get_object", "put_object", "upload_part"],
        parameters: dict[str, Any],
        lifetime: dt.timedelta,
        *,
        is_inside: bool,
    ) -> str:
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

    # --- Clients: made once, since each takes 50 ms, and usable from any thread

    @cached_property
    def _s3(self) -> "S3Client":
        with _MAKING:
            return self._session.client(
                "s3", endpoint_url=self.endpoint, config=_CONFIG
            )

    @cached_property
    def _signer(self) -> "S3Client":
        with _MAKING:
            return self._session.client("s3", endpoint_url=self._host, config=_CONFIG)

    @cached_property
    def _sts(self) -> "STSClient":
        config = _CONFIG.merge(Config(signature_version="v4"))
        with _MAKING:
            return self._session.client(
                "sts", endpoint_url=self.endpoint, config=config
            )

    @property
    def _session(self) -> boto3.session.Session:
        return boto3.session.Session(
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            region_name=self.region,
        )

    @property
    def _host(self) -> str:
        """Where a browser's request says it goes, without any path."""
        scheme, host = urlsplit(self.public_url or self.endpoint)[:2]
        return f"{scheme}://{host}"

    def _of(self, bucket: str) -> Objects:
        if bucket not in self._objects:
            self._objects[bucket] = Objects(
                bucket,
                endpoint=self.endpoint,
                region=self.region,
                access_key_id=self.access_key_id,
                secret_access_key=self.secret_access_key,
                virtual_hosted_style_request=False,
                client_options={"allow_http": self.endpoint.startswith("http:")},
            )
        return self._objects[bucket]


# boto3 may not make two clients at once; using one from many threads is fine.
_MAKING = threading.Lock()


def attachment(name: str) -> str:
    """A Content-Disposition that every browser reads, for any name (RFC 6266)."""
    plain = "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_"
        for sign in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _typed(content_type: str) -> dict[str, Any]:
    return {"ContentType": content_type} if content_type else {}
