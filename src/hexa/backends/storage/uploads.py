"""Objects that an S3 store takes in parts, and puts together when all are there."""

from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError

from hexa.backends.storage.clients import Clients
from hexa.backends.storage.failures import said_of_the_target, translated
from hexa.backends.storage.reading import exactly
from hexa.backends.storage.store import (
    ANYTHING,
    Copied,
    Part,
    StoredPart,
    condition,
)

_PART = 8 * 2**20
# Each so many parts they double, so that 10 000 of them hold any file in bounded memory.
_DOUBLED_AFTER = 2_000


class Uploads(Clients):
    def start_upload(self, bucket: str, key: str, *, content_type: str = "") -> str:
        with translated():
            answer = self._s3.create_multipart_upload(
                Bucket=bucket, Key=key, **typed(content_type)
            )
        return answer["UploadId"]

    def stored_parts(self, bucket: str, key: str, upload: str) -> list[StoredPart]:
        found: list[StoredPart] = []
        pages = self._s3.get_paginator("list_parts")
        with translated():
            for page in pages.paginate(Bucket=bucket, Key=key, UploadId=upload):
                found += [
                    StoredPart(one["PartNumber"], one["ETag"].strip('"'), one["Size"])
                    for one in page.get("Parts", ())
                ]
        return found

    def complete_upload(
        self,
        bucket: str,
        key: str,
        upload: str,
        parts: Sequence[Part],
        *,
        replacing: str | None = ANYTHING,
    ) -> Copied:
        listed: Any = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        with translated(), said_of_the_target(replacing):
            answer = self._s3.complete_multipart_upload(
                Bucket=bucket,
                Key=key,
                UploadId=upload,
                MultipartUpload={"Parts": listed},
                **conditional(replacing),
            )
        return Copied(
            etag=answer["ETag"].strip('"'), version=answer.get("VersionId", "")
        )

    def abort_upload(self, bucket: str, key: str, upload: str) -> None:
        with translated():
            self._s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)

    def put_stream(
        self,
        bucket: str,
        key: str,
        content: IO[bytes],
        *,
        content_type: str = "",
        replacing: str | None = ANYTHING,
    ) -> Copied:
        first = exactly(content, _PART)
        if len(first) == _PART:
            return self._put_parts(bucket, key, first, content, content_type, replacing)
        with translated(), said_of_the_target(replacing):
            answer = self._s3.put_object(
                Bucket=bucket,
                Key=key,
                Body=first,
                **typed(content_type),
                **conditional(replacing),
            )
        return Copied(
            etag=answer["ETag"].strip('"'), version=answer.get("VersionId", "")
        )

    def _put_parts(
        self,
        bucket: str,
        key: str,
        first: bytes,
        content: IO[bytes],
        content_type: str,
        replacing: str | None,
    ) -> Copied:
        upload = self.start_upload(bucket, key, content_type=content_type)
        going: Any = {"Bucket": bucket, "Key": key, "UploadId": upload}
        parts: list[Part] = []
        piece = first
        try:
            with translated():
                while piece:
                    number = len(parts) + 1
                    made = self._s3.upload_part(**going, PartNumber=number, Body=piece)
                    parts.append(Part(number, made["ETag"]))
                    piece = exactly(content, _PART << number // _DOUBLED_AFTER)
            return self.complete_upload(bucket, key, upload, parts, replacing=replacing)
        except BaseException:
            # The parts would be kept, and paid for, until somebody looks.
            with suppress(ClientError, BotoCoreError):
                self._s3.abort_multipart_upload(**going)
            raise


def conditional(replacing: str | None) -> Any:
    """What boto3 calls the headers of `store.condition`."""
    return {
        name.replace("-", ""): value for name, value in condition(replacing).items()
    }


def typed(content_type: str) -> Any:
    return {"ContentType": content_type} if content_type else {}
