"""A connected bucket in a session: by its plain address, within the person's rights.

Through the real platform: its pages connect the bucket, the hub's own call starts the
session, and its clients are those of a kernel, with nothing but what a kernel is given.
"""

import json
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from hexakit.addresses import drive_name
from tests.bench.visitor import Visitor
from tests.lab.server import REPOSITORY
from tests.platforms import Platform
from tests.stores import KEY, RunningStore

PYTHON = REPOSITORY / ".envs" / "default" / "bin" / "python"
CLIENTS = Path(__file__).with_name("clients.py")
# A change holds within a minute; here it takes a few seconds.
PATIENCE_S = 45


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


def secret_of(platform: Platform, name: str) -> str:
    return platform.installation.secret(name)


def refusal(action: Callable[[], object]) -> tuple[str, str]:
    """Code and message of what the store says no to."""
    try:
        action()
    except ClientError as refused:
        error = refused.response["Error"]
        return error["Code"], error.get("Message", "")
    raise AssertionError("it was done")


def eventually(action: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            action()
        except (ClientError, AssertionError):
            assert time.monotonic() < deadline, "not within a minute"
            time.sleep(0.5)
        else:
            return


def test_every_client_reaches_the_bucket_by_its_plain_address(
    team: Team, kernel: Kernel
) -> None:
    drive = team.connect()
    assert drive in [one["name"] for one in kernel.told("")["drives"]]
    assert kernel.run(str(CLIENTS), team.bucket) == {
        "boto3": True,
        "pandas": 41,
        "s3fs": True,
        "pyarrow": 1,
        "obstore": "hi",
        "duckdb": 41,
    }


def test_the_key_of_the_bucket_never_comes_into_the_session(
    team: Team, kernel: Kernel
) -> None:
    team.connect()
    seen = [kernel.environment, kernel.told(""), kernel.told("credentials/s3/")]
    assert KEY.secret not in json.dumps(seen)
    gateway = kernel.environment["AWS_ENDPOINT_URL"]
    asked = httpx.get(f"{gateway}/internal/gateway/?key=x&bucket={team.bucket}")
    assert asked.status_code >= 400
    server = kernel.environment["HEXA_SERVER_URL"]
    asked = httpx.get(f"{server}/internal/gateway/?key=x&bucket={team.bucket}")
    assert asked.status_code == 401


def test_a_bucket_that_may_be_read_cannot_be_written(
    team: Team, kernel: Kernel
) -> None:
    there = team.server.connect()
    there.put(team.bucket, "a.csv", b"kept")
    drive = team.connect(access="read")
    s3, bucket = kernel.s3(), team.bucket
    assert s3.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"kept"
    writes: list[Callable[[], object]] = [
        lambda: s3.put_object(Bucket=bucket, Key="a.csv", Body=b"changed"),
        lambda: s3.delete_object(Bucket=bucket, Key="a.csv"),
        lambda: s3.delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": "a.csv"}]}
        ),
        lambda: s3.create_multipart_upload(Bucket=bucket, Key="b"),
        lambda: s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a.csv"),
    ]
    for write in writes:
        assert refusal(write) == ("AccessDenied", f"s3://{bucket}/ can only be read.")
    assert there.read(bucket, "a.csv", length=9) == b"kept"
    team.change(drive, access="write")
    eventually(lambda: s3.put_object(Bucket=bucket, Key="a.csv", Body=b"changed"))


def test_a_folder_of_a_bucket_is_all_that_a_session_reaches(
    team: Team, kernel: Kernel
) -> None:
    there = team.server.connect()
    there.put(team.bucket, "raw/a.csv", b"inside")
    there.put(team.bucket, "secret.csv", b"beside")
    team.connect(folder="raw")
    s3, bucket = kernel.s3(), team.bucket
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="raw/")["Contents"]
    assert [one["Key"] for one in listed] == ["raw/a.csv"]
    s3.put_object(Bucket=bucket, Key="raw/b.csv", Body=b"x")
    erase = {"Objects": [{"Key": "raw/b.csv"}, {"Key": "secret.csv"}]}
    source = f"{bucket}/secret.csv"
    beside: list[Callable[[], object]] = [
        lambda: s3.get_object(Bucket=bucket, Key="secret.csv"),
        lambda: s3.list_objects_v2(Bucket=bucket),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix="raw"),
        lambda: s3.put_object(Bucket=bucket, Key="raw-not/x", Body=b"x"),
        lambda: s3.delete_objects(Bucket=bucket, Delete=erase),
        lambda: s3.copy_object(Bucket=bucket, Key="raw/c", CopySource=source),
    ]
    for reach in beside:
        assert refusal(reach)[0] == "AccessDenied"
    assert there.head(bucket, "raw/b.csv")


def test_what_only_an_owner_does_is_refused(team: Team, kernel: Kernel) -> None:
    there = team.server.connect()
    there.put(team.bucket, "a.csv", b"kept")
    version = there.head(team.bucket, "a.csv").version
    team.connect()
    s3, bucket = kernel.s3(), team.bucket
    owners: list[Callable[[], object]] = [
        lambda: s3.get_bucket_policy(Bucket=bucket),
        lambda: s3.put_bucket_policy(Bucket=bucket, Policy="{}"),
        lambda: s3.get_bucket_acl(Bucket=bucket),
        lambda: s3.delete_bucket(Bucket=bucket),
        lambda: s3.put_object_acl(Bucket=bucket, Key="a.csv", ACL="public-read"),
        lambda: s3.delete_object(Bucket=bucket, Key="a.csv", VersionId=version),
    ]
    for act in owners:
        assert refusal(act)[0] == "AccessDenied"


def test_only_what_was_signed_is_done(team: Team, kernel: Kernel) -> None:
    team.server.connect().put(team.bucket, "a.csv", b"a")
    team.connect()
    s3 = kernel.s3()
    parameters = {"Bucket": team.bucket, "Key": "a.csv"}
    link = s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=60)
    assert httpx.get(link).content == b"a"
    assert httpx.get(link.replace("a.csv", "b.csv")).status_code == 403
    assert httpx.get(link.replace("Expires=60", "Expires=600")).status_code == 403
    assert httpx.put(link, content=b"b").status_code == 403
    put = s3.generate_presigned_url("put_object", Params=parameters, ExpiresIn=60)
    copied = {"x-amz-copy-source": f"{team.bucket}/a.csv"}
    assert httpx.put(put, headers=copied).status_code == 403
    nobody = httpx.get(f"{kernel.environment['AWS_ENDPOINT_URL']}/{team.bucket}/a.csv")
    assert nobody.status_code == 403


def test_a_disconnected_bucket_goes_from_the_running_session(
    team: Team, kernel: Kernel
) -> None:
    drive = team.connect()
    s3 = kernel.s3()
    s3.list_objects_v2(Bucket=team.bucket)
    team.admin.post(f"{team.base}{drive}/disconnect/", {"typed": team.bucket})
    assert drive not in [one["name"] for one in kernel.told("")["drives"]]

    def is_gone() -> None:
        refusal(lambda: s3.list_objects_v2(Bucket=team.bucket))

    eventually(is_gone)


def test_a_broken_bucket_says_why_and_holds_up_no_other(
    team: Team, kernel: Kernel
) -> None:
    drive = team.connect()
    s3 = kernel.s3()
    revoked = {"access_key_id": KEY.id, "secret_access_key": "revoked"}
    team.change(drive, **revoked)

    def says_why() -> None:
        code, message = refusal(lambda: s3.list_objects_v2(Bucket=team.bucket))
        assert code == "ConnectedBucketBroken"
        assert "refuses its key" in message

    eventually(says_why)
    away = {"access_key_id": KEY.id, "secret_access_key": KEY.secret}
    team.change(drive, endpoint="http://127.0.0.1:9", **away)

    def does_not_answer() -> None:
        code, message = refusal(lambda: s3.list_objects_v2(Bucket=team.bucket))
        assert code == "ConnectedBucketUnreachable"
        assert "does not answer" in message

    eventually(does_not_answer)
    own = kernel.environment["WORKSPACE_BUCKET_NAME"]
    assert s3.list_objects_v2(Bucket=own)["KeyCount"] == 0


def test_pages_send_and_fetch_through_the_platform_and_keys_rotate_meanwhile(
    team: Team, kernel: Kernel, running_platform: Platform
) -> None:
    team.server.connect().put(team.bucket, "a.csv", b"district\n")
    drive = team.connect()
    files = f"/workspaces/{team.slug}/files/"
    fetched = team.admin.http.get(f"{files}download/{drive}/a.csv")
    assert fetched.content == b"district\n"
    assert str(fetched.url).startswith(f"{running_platform.url}/connected/")
    assert fetched.headers["Content-Security-Policy"].startswith("sandbox")
    told = running_platform.run_json("keys", "rotate")
    assert isinstance(told, dict)
    assert told["resealed"] >= 1
    assert told["retired"] == 1
    assert "a.csv" in team.admin.http.get(f"{files}{drive}/").text
    assert kernel.s3().head_object(Bucket=team.bucket, Key="a.csv")
