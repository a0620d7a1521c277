"""Google's clients in a session find tokens for exactly what the person may reach."""

import json
import os
import shutil
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from django.test import Client

from hexa.accounts.models import User
from hexa.notebooks.actions import google as google_sessions
from hexa.notebooks.actions import sessions
from hexa.workspaces import actions as workspaces
from hexa.workspaces.models import Role, Workspace
from tests.google.connected import Team, connect_google, make_team
from tests.google.door import Google
from tests.makers import TESTS, make_member, make_person, make_workspace, membership_of

PYTHON = Path(__file__).parents[2] / ".envs" / "default" / "bin" / "python"
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
}


def exchange(token: str, audience: str = "gs://") -> tuple[int, dict[str, Any]]:
    form = {**EXCHANGE, "subject_token": f"{token}\n", "audience": audience}
    # As pyarrow says it.
    kind = "application/x-www-form-urlencoded"
    response = Client().post(
        "/api/session/google/token/", urlencode(form), content_type=f"{kind},{kind}"
    )
    return response.status_code, response.json()


@dataclass
class Sandbox:
    """What a session gets, without its walls."""

    folder: Path
    environment: dict[str, str]

    def run(self, code: str) -> str:
        done = subprocess.run(
            [str(PYTHON), "-c", textwrap.dedent(code)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def person(transactional_db: None) -> User:  # noqa: ARG001 # asked for its effect
    return make_person()


@pytest.fixture
def workspace(person: User) -> Workspace:
    return make_workspace(by=person)


@pytest.fixture
def sandbox(
    workspace: Workspace,
    person: User,
    google: Google,  # noqa: ARG001 # asked for its effect
    live_server: Any,
    settings: Any,
    tmp_path: Path,
) -> Sandbox:
    settings.SERVER_URL = live_server.url
    started = sessions.start(person.handle, workspace.slug)
    (tmp_path / "token").write_text(started.token)
    # Where a sandbox has its files.
    text = started.files["google.json"].replace("/run/hexa", str(tmp_path))
    (tmp_path / "google.json").write_text(text)
    given = {
        name: value.replace("/run/hexa", str(tmp_path))
        for name, value in started.environment.items()
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return Sandbox(tmp_path, {**kept, **given})


CLIENTS = {
    "google-cloud-storage": """
        from google.cloud import storage
        bucket = storage.Client().bucket(BUCKET)
        assert bucket.blob("in.csv").download_as_bytes() == b"a,b\\n1,2\\n"
        bucket.blob("out.csv").upload_from_string("a\\n3\\n")
        assert {one.name for one in bucket.list_blobs()} >= {"in.csv", "out.csv"}
    """,
    "pandas, by gcsfs": """
        import pandas
        assert pandas.read_csv(f"gs://{BUCKET}/in.csv")["b"].tolist() == [2]
        pandas.DataFrame({"a": [3]}).to_csv(f"gs://{BUCKET}/out.csv", index=False)
    """,
    "pyarrow, and pandas by it": """
        import pandas
        from pyarrow import fs
        google = fs.GcsFileSystem()
        with google.open_input_stream(f"{BUCKET}/in.csv") as file:
            assert file.read() == b"a,b\\n1,2\\n"
        with google.open_output_stream(f"{BUCKET}/out.csv") as file:
            file.write(b"a\\n3\\n")
        pandas.DataFrame({"x": [1]}).to_parquet(f"gs://{BUCKET}/out.parquet")
        assert pandas.read_parquet(f"gs://{BUCKET}/out.parquet")["x"].tolist() == [1]
    """,
    "obstore": """
        import obstore
        from obstore.auth.google import GoogleCredentialProvider
        from obstore.store import GCSStore
        store = GCSStore(BUCKET, credential_provider=GoogleCredentialProvider())
        assert bytes(obstore.get(store, "in.csv").bytes()) == b"a,b\\n1,2\\n"
        obstore.put(store, "out.csv", b"a\\n3\\n")
    """,
    "duckdb, by gcsfs": """
        import duckdb, hexakit
        db = duckdb.connect()
        found = db.sql(f"select b from 'gs://{BUCKET}/in.csv'").fetchall()
        assert found == [(2,)]
        db.sql(f"copy (select 3 as a) to 'gs://{BUCKET}/out.csv'")
    """,
    "in parts, as Google's own client sends them": """
        import io
        from google.cloud import storage
        from google.cloud.storage import transfer_manager
        blob = storage.Client().bucket(BUCKET).blob("out.csv")
        with open("big", "wb") as file:
            file.write(b"0" * (11 << 20))
        transfer_manager.upload_chunks_concurrently(
            "big",
            blob,
            chunk_size=5 << 20,
            worker_type=transfer_manager.THREAD,
            checksum="md5",
        )
        assert blob.size is None and len(blob.download_as_bytes()) == 11 << 20
    """,
}


# In a terminal, in R, and by the line that pages copy.
COMMANDS = {
    "rclone, by the name of the drive": """
        rclone cat gcs:$BUCKET/in.csv | grep -q "1,2"
        printf 'a\\n3\\n' > out.csv
        rclone copy out.csv gcs:$BUCKET
        rclone check --download --include out.csv . gcs:$BUCKET
        rclone lsd gcs:$BUCKET
    """,
    "R, by hexakit": """
        Rscript --vanilla -e '
          bucket <- Sys.getenv("BUCKET")
          found <- hexakit::read_csv(paste0("gs://", bucket, "/in.csv"))
          stopifnot(found$b == 2)
          frame <- data.frame(a = 3)
          hexakit::write_parquet(frame, paste0("gs://", bucket, "/été #1.parquet"))
          back <- hexakit::read_parquet(paste0("gcs:", bucket, "/été #1.parquet"))
          hexakit::write_csv(back, paste0("gs://", bucket, "/out.csv"))
        '
    """,
}


@pytest.fixture
def connected(
    sandbox: Sandbox,  # noqa: ARG001 # the session began before
    workspace: Workspace,
    team: Team,
) -> Team:
    connect_google(team, workspace)
    team.store.put(team.bucket, "in.csv", b"a,b\n1,2\n")
    return team


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_reads_and_writes_with_nothing_typed(
    sandbox: Sandbox, connected: Team, name: str
) -> None:
    team = connected
    done = subprocess.run(
        ["/bin/bash", "-euc", COMMANDS[name]],
        cwd=sandbox.folder,
        env={
            **sandbox.environment,
            "BUCKET": team.bucket,
            "HOME": str(sandbox.folder),
            "HEXA_PYTHON": str(PYTHON),
            "LANG": "C.UTF-8",
            "PATH": f"{PYTHON.parent}:/usr/bin:/bin",
            "R_LIBS": str(PYTHON.parents[1] / "lib" / "R"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    written = team.store.read(team.bucket, "out.csv", length=9)
    assert written.replace(b'"', b"") == b"a\n3\n"


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_reads_and_writes_with_nothing_typed(
    sandbox: Sandbox, connected: Team, name: str
) -> None:
    team = connected
    code = f"import os; os.chdir({str(sandbox.folder)!r}); BUCKET = {team.bucket!r}\n"
    sandbox.run(code + textwrap.dedent(CLIENTS[name]))
    assert team.store.read(team.bucket, "out.csv", length=2) in {b"a\n", b"00"}


def test_a_role_that_falls_is_told_at_the_next_request(
    sandbox: Sandbox, workspace: Workspace, person: User, team: Team
) -> None:
    connect_google(team, workspace)
    code = f"""
        import gcsfs
        files = gcsfs.GCSFileSystem()
        files.pipe("{team.bucket}/x", b"1")
        print("written", flush=True)
        input()
        # As old as a minute makes it.
        files.credentials.credentials.expiry = None
        files.credentials.credentials.token = None
        try:
            files.pipe("{team.bucket}/x", b"2")
        except OSError as error:
            print(error)
    """
    with subprocess.Popen(
        [str(PYTHON), "-c", textwrap.dedent(code)],
        env=sandbox.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "written\n"
        make_member(workspace, role=Role.ADMIN)
        member = membership_of(person, workspace)
        workspaces.change_role(member, role=Role.VIEWER, by=TESTS)
        told, _ = running.communicate("\n", timeout=60)
    assert "storage.objects" in told or "Forbidden" in told, told
    assert team.store.read(team.bucket, "x", length=9) == b"1"


@pytest.mark.django_db
def test_the_exchange_gives_what_the_person_may_reach(google: Google) -> None:
    person = make_person()
    workspace = make_workspace(by=person)
    token = sessions.start(person.handle, workspace.slug).token
    status, told = exchange(token)
    assert (status, told["error"], told["code"]) == (
        400,
        "invalid_grant",
        "NO_GOOGLE_DRIVE",
    )
    mine, closed = make_team(google), make_team(google)
    connect_google(mine, workspace, access="read", prefix="shared/")
    connect_google(closed, make_workspace())
    status, told = exchange(token)
    assert (status, told["token_type"]) == (200, "Bearer")
    assert told["expires_in"] <= google_sessions.TOLD_LIFE_S
    found = google.tokens.find(told["access_token"])
    assert found is not None
    assert found.rules is not None
    (rule,) = found.rules
    assert (rule.bucket, rule.prefix) == (mine.bucket, "shared/")
    assert rule.role == "roles/storage.objectViewer"
    assert exchange(token, f"gs://{closed.bucket}")[0] == 400
    assert exchange("hexa_ses_other")[0] == 401
    assert Client().get("/api/session/google/token/").status_code == 405


@pytest.mark.django_db
def test_buckets_with_keys_of_their_own_are_asked_for_by_name(google: Google) -> None:
    person = make_person()
    workspace = make_workspace(by=person)
    teams = [make_team(google), make_team(google)]
    for team in teams:
        connect_google(team, workspace)
    token = sessions.start(person.handle, workspace.slug).token

    def reached(audience: str) -> set[str]:
        found = google.tokens.find(exchange(token, audience)[1]["access_token"])
        assert found is not None
        return {rule.bucket for rule in found.rules or ()}

    assert reached("gs://") == {teams[0].bucket}
    for team in teams:
        assert reached(f"gs://{team.bucket}") == {team.bucket}


@pytest.mark.django_db
def test_a_language_without_a_client_gets_links(google: Google) -> None:
    person = make_person()
    workspace = make_workspace(by=person)
    team = make_team(google)
    connect_google(team, workspace)
    token = sessions.start(person.handle, workspace.slug).token
    for method in ("PUT", "GET"):
        asked = {"address": f"gs://{team.bucket}/é b.csv", "method": method}
        told = Client().get(
            "/api/session/link/", asked, headers={"Authorization": token}
        )
        answer = httpx.request(method, told.json()["url"], content=b"a\n")
        assert answer.status_code == 200, answer.text
    assert answer.content == b"a\n"


@pytest.mark.django_db
def test_without_a_narrower_token_the_session_gets_none(google: Google) -> None:
    person = make_person()
    workspace = make_workspace(by=person)
    connect_google(make_team(google), workspace)
    token = sessions.start(person.handle, workspace.slug).token
    google.tokens.is_exchange_down = True
    status, told = exchange(token)
    assert (status, told["error"]) == (503, "temporarily_unavailable")
    assert "access_token" not in told


@pytest.mark.django_db
def test_no_key_is_in_what_a_session_gets(google: Google) -> None:
    person = make_person()
    workspace = make_workspace(by=person)
    team = make_team(google)
    connect_google(team, workspace)
    started = sessions.start(person.handle, workspace.slug)
    told = json.dumps([started.environment, started.files])
    assert "PRIVATE KEY" not in told
    assert team.account.email not in told
    assert started.environment["GOOGLE_CLOUD_PROJECT"] == "malaria-project"
