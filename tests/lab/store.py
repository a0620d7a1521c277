"""A real object store for the tests, hardened as the platform runs it."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import boto3
from botocore.config import Config
from mypy_boto3_s3 import S3Client
from mypy_boto3_sts.type_defs import CredentialsTypeDef

from hexa.backends.storage import seaweedfs
from hexa.backends.storage.policies import session_policy, shutting_out
from hexa.backends.storage.store import Grant

ADMIN = seaweedfs.Key(id="TESTADMIN", secret="test-admin-secret-of-the-store")


@dataclass
class Store:
    folder: Path
    ports: seaweedfs.Ports
    s3: S3Client = field(init=False)
    _ended: set[str] = field(default_factory=set)
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.s3 = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ADMIN.id,
            aws_secret_access_key=ADMIN.secret,
            config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"),
        )

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports.s3}"

    def start(self) -> None:
        home = self.folder / "store"
        seaweedfs.prepare(home, tls=self.folder / "tls", admin_key=ADMIN)
        with (self.folder / "store.log").open("ab") as log:
            self._process = subprocess.Popen(
                seaweedfs.argv(home, ports=self.ports, public_url="http://127.0.0.1"),
                cwd=home,
                env=seaweedfs.environment(home),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        while not seaweedfs.is_ready(self.ports):
            assert self._process.poll() is None, "the store ended"
            assert time.monotonic() < deadline, "the store is not ready after 30 s"
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def make_bucket(self, name: str) -> None:
        self.s3.create_bucket(Bucket=name)
        self.s3.put_bucket_versioning(
            Bucket=name, VersioningConfiguration={"Status": "Enabled"}
        )

    def put(self, bucket: str, key: str, body: bytes = b"") -> None:
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def get(self, bucket: str, key: str) -> bytes:
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, bucket: str) -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {found["Key"] for page in pages for found in page.get("Contents", [])}

    def link(self, bucket: str, key: str, *, method: str) -> str:
        verb = "get_object" if method == "GET" else "put_object"
        return self.s3.generate_presigned_url(
            verb, Params={"Bucket": bucket, "Key": key}, ExpiresIn=900
        )

    def mint(
        self, drives: Mapping[str, str], *, session: str = "ana"
    ) -> CredentialsTypeDef:
        """Keys for exactly these buckets, narrowed as the platform narrows them."""
        grants = [Grant(name, write=way == "write") for name, way in drives.items()]
        sts = boto3.client(
            "sts",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ADMIN.id,
            aws_secret_access_key=ADMIN.secret,
        )
        return sts.assume_role(
            RoleArn=seaweedfs.ROLE_ARN,
            RoleSessionName=session,
            Policy=session_policy(grants),
            DurationSeconds=900,
        )["Credentials"]

    def shut_out(self, drives: Iterable[str], session: str) -> None:
        """As the platform ends a session's keys before their time."""
        self._ended.add(session)
        for name in drives:
            policy = shutting_out(name, self._ended, role_arn=seaweedfs.ROLE_ARN)
            self.s3.put_bucket_policy(Bucket=name, Policy=policy)


def bucket_of(drive: str) -> str:
    return drive.removeprefix("s3:")
