"""Buckets at Google, connected to workspaces as an admin would."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from hexa.backends.storage.gcs import GCS
from hexa.files.models import ConnectedBucket, Drive, Provider
from hexa.files.queries import google as google_queries
from hexa.foundation import vault
from hexa.workspaces.models import Workspace
from tests.google.door import Google
from tests.google.running import account, connect, running_google
from tests.google.tokens import ADMIN, BUCKET_VIEWER, USER, Account

ConnectGoogle = Callable[..., Drive]


@pytest.fixture(scope="session")
def google_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    with running_google(tmp_path_factory.mktemp("google") / "log") as google:
        yield google


@dataclass(frozen=True)
class Team:
    """A team's own bucket at Google, and the account whose key it gives us."""

    google: Google
    bucket: str
    store: GCS
    account: Account

    @property
    def key(self) -> str:
        return self.account.key_file(self.google.token_url)


@pytest.fixture
def google(google_server: Google, settings: Any) -> Iterator[Google]:
    settings.GOOGLE_STORAGE_URL = google_server.url
    settings.GOOGLE_TOKEN_URL = google_server.token_url
    settings.GOOGLE_EXCHANGE_URL = google_server.exchange_url
    google_queries.stores.forget()
    yield google_server
    google_queries.stores.forget()
    google_server.tokens.is_exchange_down = google_server.is_down = False
    google_server.tokens.clock_s = 0


@pytest.fixture
def team(google: Google) -> Team:
    return make_team(google)


def make_team(google: Google, role: str = f"{USER} {BUCKET_VIEWER}") -> Team:
    bucket = f"team-{secrets.token_hex(6)}"
    owner = account(google, {"*": ADMIN}, f"owner-{bucket}")
    store = connect(google, owner)
    store.create_bucket(bucket)
    ours = account(google, {bucket: role}, f"openhexa-{bucket}")
    return Team(google, bucket, store, ours)


@transaction.atomic
def connect_google(
    team: Team,
    workspace: Workspace,
    *,
    access: str = "write",
    prefix: str = "",
    user_project: str = "",
) -> Drive:
    drive = Drive.objects.create(
        workspace=workspace,
        provider=Provider.GCS,
        bucket=team.bucket,
        prefix=prefix,
        access=access,
    )
    key = {"service_account_key": team.key, "user_project": user_project}
    ConnectedBucket.objects.create(
        drive=drive,
        credentials=vault.seal(json.dumps(key), purpose=ConnectedBucket.PURPOSE),
    )
    return drive
