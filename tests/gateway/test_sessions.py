"""A connected bucket in a session: by its plain address, within the person's rights.

Through the real platform: its pages connect the bucket, the hub's own call starts the
session, and its clients are those of a kernel, with nothing but what a kernel is given.
"""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
from botocore.exceptions import ClientError

from tests.gateway.conftest import Kernel, Team
from tests.platforms import Platform
from tests.stores import KEY

CLIENTS = Path(__file__).with_name("clients.py")
# A change holds within a minute; here it takes a few seconds.
PATIENCE_S = 45


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
    kernel: Kernel, bucket: str
) -> None:
    assert kernel.run(str(CLIENTS), bucket) == {
        "boto3": True,
        "pandas": 41,
        "s3fs": True,
        "pyarrow": 1,
        "obstore": "hi",
        "duckdb": 41,
        "polars": 41,
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
    assert drive in [one["name"] for one in kernel.told("")["drives"]]
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


def test_a_rotation_killed_between_two_rows_is_completed_by_the_next(
    team: Team, kernel: Kernel, running_platform: Platform
) -> None:
    platform = running_platform
    team.server.connect().put(team.bucket, "a.csv", b"district\n")
    drive = team.connect()
    s3 = kernel.s3()

    def opens() -> None:
        page = team.admin.http.get(f"/workspaces/{team.slug}/files/{drive}/")
        assert "a.csv" in page.text
        # What the session signs by is opened as well.
        assert s3.head_object(Bucket=team.bucket, Key="a.csv")

    with platform.database() as database, platform.database() as watching:
        # The rotation has sealed the bucket anew when it meets this row.
        database.execute("SELECT * FROM files_storesession FOR UPDATE")
        rotating = platform.begin("keys", "rotate")
        while not watching.execute(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND query LIKE 'UPDATE \"files_storesession\"%%'"
        ).fetchone():
            assert rotating.poll() is None
            watching.rollback()
        os.killpg(rotating.pid, signal.SIGKILL)
        rotating.wait()
    opens()
    told = platform.run_json("keys", "rotate")
    assert isinstance(told, dict)
    assert told["retired"] == 2
    opens()


def test_a_store_by_tls_with_an_authority_of_its_own(
    team: Team, kernel: Kernel
) -> None:
    """In sessions and in pages; a stranger with the same address is not trusted."""
    team.server.connect().put(team.bucket, "a.csv", b"district\n")
    secure = {"endpoint": team.server.secure_endpoint}
    drive = team.connect(**secure, authority=team.server.authority)
    s3, bucket = kernel.s3(), team.bucket
    s3.put_object(Bucket=bucket, Key="big.bin", Body=bytes(9 << 20))
    assert s3.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"district\n"
    assert s3.head_object(Bucket=bucket, Key="big.bin")["ContentLength"] == 9 << 20
    files = f"/workspaces/{team.slug}/files/"
    fetched = team.admin.http.get(f"{files}download/{drive}/a.csv")
    assert fetched.content == b"district\n"
    key = {"access_key_id": KEY.id, "secret_access_key": KEY.secret}
    team.change(drive, **secure, **key, authority="")

    def is_not_trusted() -> None:
        code, message = refusal(lambda: s3.get_object(Bucket=bucket, Key="a.csv"))
        assert code == "ConnectedBucketUnreachable"
        assert "shows a certificate that is not trusted" in message

    eventually(is_not_trusted)
    page = team.admin.http.get(f"/workspaces/{team.slug}/files/{drive}/")
    assert "a certificate that the platform does not trust" in page.text


def test_who_asks_pays_where_that_was_accepted(team: Team, kernel: Kernel) -> None:
    with recorded(team.server.endpoint) as (endpoint, payers):
        drive = team.connect(endpoint=endpoint)
        s3 = kernel.s3()
        payers.clear()
        s3.put_object(Bucket=team.bucket, Key="a.csv", Body=b"a")
        assert payers == [None]
        key = {"access_key_id": KEY.id, "secret_access_key": KEY.secret}
        team.change(drive, endpoint=endpoint, **key, pays_requests="on")

        def pays() -> None:
            payers.clear()
            s3.get_object(Bucket=team.bucket, Key="a.csv")
            assert payers == ["requester"]

        eventually(pays)
        # A session does not accept costs that its admins did not.
        team.change(drive, endpoint=endpoint, **key)

        def pays_no_more() -> None:
            payers.clear()
            s3.get_object(Bucket=team.bucket, Key="a.csv", RequestPayer="requester")
            assert payers == [None]

        eventually(pays_no_more)


@contextlib.contextmanager
def recorded(endpoint: str) -> Iterator[tuple[str, list[str | None]]]:
    """A door before the real store: who came to pay. The store judges the signatures."""
    payers: list[str | None] = []

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            payers.append(self.headers["x-amz-request-payer"])
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            with httpx.stream(
                self.command,
                endpoint + self.path,
                headers=[*self.headers.items()],
                content=body,
            ) as found:
                content = b"".join(found.iter_raw())
            self.send_response(found.status_code)
            for name, value in found.headers.items():
                if name not in {"transfer-encoding", "connection", "content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_PUT = do_HEAD = do_POST = do_DELETE = do_GET  # noqa: N815 # http.server names them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", payers
    finally:
        server.shutdown()
        server.server_close()
