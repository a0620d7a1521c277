"""A store that is not the platform's own, with a bucket that a team already has."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

import boto3
import pytest
from django.db import transaction

from hexa.backends.storage import seaweedfs
from hexa.backends.storage.s3 import S3
from hexa.files.models import ConnectedBucket, Drive
from hexa.files.queries.store import Place
from hexa.foundation import vault
from hexa.workspaces.models import Workspace
from tests.makers import make_workspace
from tests.stores import KEY, RunningStore, running_store


@dataclass(frozen=True, slots=True)
class Foreign:
    """A bucket there, and the key that opens it."""

    server: RunningStore
    store: S3
    bucket: str
    key: seaweedfs.Key

    @property
    def endpoint(self) -> str:
        return self.server.endpoint


@pytest.fixture(scope="session")
def foreign_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    with running_store(tmp_path_factory.mktemp("foreign")) as server:
        yield server


@pytest.fixture
def foreign(foreign_server: RunningStore, settings: object) -> Iterator[Foreign]:
    """The operator allows stores on this machine, for once."""
    settings.STORE_NETWORKS = ("127.0.0.0/8",)  # type: ignore[attr-defined] # pytest-django's
    store = foreign_server.connect()
    bucket = f"team-{secrets.token_hex(6)}"
    store.create_bucket(bucket)
    yield Foreign(foreign_server, store, bucket, KEY)
    store.delete_bucket(bucket)


@transaction.atomic
def connect(
    foreign: Foreign,
    *,
    workspace: Workspace | None = None,
    prefix: str = "",
    access: str = "write",
) -> Drive:
    drive = Drive.objects.create(
        workspace=workspace or make_workspace(),
        bucket=foreign.bucket,
        prefix=prefix,
        access=access,
    )
    key = {"access_key_id": foreign.key.id, "secret_access_key": foreign.key.secret}
    ConnectedBucket.objects.create(
        drive=drive,
        endpoint=foreign.endpoint,
        region="us-east-1",
        is_path_style=True,
        credentials=vault.seal(json.dumps(key), purpose=ConnectedBucket.PURPOSE),
    )
    return drive


def without_versions(foreign: Foreign, workspace: Workspace) -> Drive:
    """A connected bucket as its owner made it: the platform's own keep versions."""
    client = boto3.client(
        "s3",
        endpoint_url=foreign.endpoint,
        aws_access_key_id=foreign.key.id,
        aws_secret_access_key=foreign.key.secret,
        region_name="us-east-1",
    )
    bucket = f"plain-{secrets.token_hex(6)}"
    client.create_bucket(Bucket=bucket)
    return connect(replace(foreign, bucket=bucket), workspace=workspace)


def place_at(foreign: Foreign) -> Place:
    """As an admin would type it, with a key that may do everything."""
    return Place(
        bucket=foreign.bucket,
        prefix="",
        access="write",
        endpoint=foreign.endpoint,
        region="us-east-1",
        is_path_style=True,
        authority="",
        pays_requests=False,
        role_arn="",
        access_key_id=foreign.key.id,
        secret_access_key=foreign.key.secret,
    )
