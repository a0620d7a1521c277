"""What code in a session has, and a team with a bucket at a store of others."""

import json
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from hexakit.addresses import drive_name
from tests.bench.visitor import Visitor
from tests.lab.server import REPOSITORY
from tests.platforms import Platform
from tests.stores import KEY, RunningStore

PYTHON = REPOSITORY / ".envs" / "default" / "bin" / "python"


@dataclass
class Kernel:
    """What code in a session has: its environment, and nothing else."""

    environment: dict[str, str]

    def run(self, *arguments: str) -> Any:
        done = subprocess.run(
            [str(PYTHON), *arguments],
            env=self.environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def told(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.environment['HEXA_TOKEN']}"}
        url = self.environment["HEXA_SESSION_URL"] + path
        return httpx.get(url, headers=headers).raise_for_status().json()

    def s3(self) -> Any:
        key = self.told("credentials/s3/")
        return boto3.client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=self.environment["AWS_REGION"],
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key["Token"],
            config=Config(
                signature_version="s3v4",
                retries={"total_max_attempts": 2},
                s3={"addressing_style": "path"},
            ),
        )


@dataclass
class Team:
    """An admin of a workspace, and how they connect the bucket at the other store."""

    admin: Visitor
    slug: str
    server: RunningStore
    bucket: str

    def connect(self, **changed: str) -> str:
        """The drive's name; again with other values: changes it."""
        form = {
            "kind": "other",
            "bucket": self.bucket,
            "access": "write",
            "region": "us-east-1",
            "endpoint": self.server.endpoint,
            "is_path_style": "on",
            "access_key_id": KEY.id,
            "secret_access_key": KEY.secret,
            **changed,
        }
        page = self.admin.post(f"{self.base}connect/", form)
        assert "is connected" in page.text
        return drive_name("s3", self.bucket, form.get("folder", ""))

    def change(self, drive: str, **changed: str) -> None:
        form = {
            "kind": "other",
            "access": "write",
            "region": "us-east-1",
            "endpoint": self.server.endpoint,
            "is_path_style": "on",
            **changed,
        }
        assert "is saved" in self.admin.post(f"{self.base}{drive}/", form).text

    @property
    def base(self) -> str:
        return f"/workspaces/{self.slug}/files/drives/"


@pytest.fixture(scope="module")
def admin(running_platform: Platform) -> Iterator[Visitor]:
    platform = running_platform
    with Visitor(platform, platform.admin_email, platform.admin_password) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def slug(admin: Visitor) -> str:
    made = f"w-{secrets.token_hex(4)}"
    admin.make_workspace(made)
    return made


@pytest.fixture
def team(admin: Visitor, slug: str, foreign_server: RunningStore) -> Iterator[Team]:
    store, bucket = foreign_server.connect(), f"team-{secrets.token_hex(4)}"
    store.create_bucket(bucket)
    yield Team(admin, slug, foreign_server, bucket)
    store.delete_bucket(bucket)


@pytest.fixture(scope="module")
def kernel(
    running_platform: Platform, slug: str, tmp_path_factory: pytest.TempPathFactory
) -> Kernel:
    answer = httpx.post(
        f"{running_platform.url}/internal/sessions/environment/",
        json={"handle": "admin", "workspace": slug},
        headers={
            "Authorization": f"token {secret_of(running_platform, 'hub-service')}"
        },
    )
    started = answer.raise_for_status().json()
    folder = tmp_path_factory.mktemp("kernel")
    (folder / "token").write_text(started["token"])
    token = str(folder / "token")
    return Kernel(
        {
            **started["env"],
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "HEXA_TOKEN": started["token"],
            "HEXA_TOKEN_FILE": token,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token,
        }
    )


@pytest.fixture(params=["of the workspace", "connected"])
def bucket(request: pytest.FixtureRequest, kernel: Kernel, team: Team) -> Iterator[str]:
    if request.param == "connected":
        team.connect()
        yield team.bucket
    else:
        own = kernel.environment["WORKSPACE_BUCKET_NAME"]
        yield own
        found = kernel.s3().list_objects_v2(Bucket=own).get("Contents", ())
        assert not [one["Key"] for one in found], "left behind"


def secret_of(platform: Platform, name: str) -> str:
    return platform.installation.secret(name)
