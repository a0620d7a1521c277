"""A server in which nothing runs is stopped, after a warning; a killed one says why."""

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from hexa.notebooks.actions import idleness, sessions
from hexa.notebooks.models import Session
from tests.contract.sandbox.keeping import running_keeper
from tests.makers import TESTS, make_person, make_workspace

pytestmark = pytest.mark.django_db
NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
IDLE = timedelta(hours=2)


@dataclass
class Opened:
    """A session, and its life told in minutes."""

    session: Session
    token: str
    now: datetime = NOON

    def reports(self, idle_since: datetime | None, *, after: timedelta) -> None:
        self.now += after
        idleness.report(self.session, idle_since=idle_since, now=self.now)

    def is_idle_for(self, span: timedelta, *, since: datetime) -> None:
        for _ in range(span // MINUTE):
            self.reports(since, after=MINUTE)

    @property
    def stops_at(self) -> datetime | None:
        return Session.objects.visible_to(TESTS).get(pk=self.session.pk).stops_at


@pytest.fixture
def opened() -> Opened:
    ana = make_person(language="fr")
    start = sessions.start(ana.handle, make_workspace(by=ana).slug)
    return Opened(start.session, start.token)


def asked_to_stop() -> int:
    return ProcrastinateJob.objects.filter(task_name="notebooks.stop_idle").count()


def test_an_idle_server_is_warned_and_then_stopped(opened: Opened) -> None:
    opened.is_idle_for(IDLE - timedelta(minutes=6), since=NOON)
    assert opened.stops_at is None
    opened.is_idle_for(timedelta(minutes=5), since=NOON)
    assert opened.stops_at == NOON + IDLE
    assert asked_to_stop() == 0
    opened.is_idle_for(MINUTE, since=NOON)
    assert asked_to_stop() == 1


@pytest.mark.parametrize("again", [None, NOON + IDLE - MINUTE], ids=["work", "keep"])
def test_work_and_keep_take_the_warning_back(
    opened: Opened, again: datetime | None
) -> None:
    opened.is_idle_for(IDLE - MINUTE, since=NOON)
    assert opened.stops_at is not None
    opened.reports(again, after=MINUTE)
    assert opened.stops_at is None
    assert asked_to_stop() == 0


def test_nobody_is_stopped_without_having_been_warned(opened: Opened) -> None:
    opened.is_idle_for(IDLE - MINUTE, since=NOON)
    # The platform was away for an hour, and with it the warning.
    opened.reports(NOON, after=timedelta(hours=1))
    assert opened.stops_at == opened.now + timedelta(minutes=5)
    assert asked_to_stop() == 0


@dataclass
class HubSeen:
    """Answers as the hub does when it is asked to stop a server."""

    url: str
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def hub(settings: Settings) -> Iterator[HubSeen]:
    seen = HubSeen("")

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_DELETE(self) -> None:
            seen.asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.HUB_API_URL = seen.url = f"http://127.0.0.1:{server.server_port}"
    yield seen
    server.shutdown()
    server.server_close()


def test_the_stop_ends_the_session_in_the_hub_and_here(
    opened: Opened, hub: HubSeen
) -> None:
    opened.is_idle_for(IDLE, since=NOON)
    idleness.stop_idle(opened.session, now=opened.now + timedelta(seconds=1))
    session = Session.objects.visible_to(TESTS).get(pk=opened.session.pk)
    assert session.ended_at is not None
    assert [urlsplit(path).path for path in hub.asked] == [
        f"/users/{session.person.handle}/servers/{session.workspace.slug}"
    ]
    idleness.stop_idle(session, now=opened.now + timedelta(seconds=2))
    assert len(hub.asked) == 1


@pytest.mark.parametrize("overtaken", ["by work", "by time"])
def test_a_stop_that_was_overtaken_is_not_done(
    opened: Opened, hub: HubSeen, overtaken: str
) -> None:
    opened.is_idle_for(IDLE, since=NOON)
    if overtaken == "by work":
        opened.reports(None, after=timedelta(seconds=1))
    else:
        opened.now += timedelta(minutes=2)
    idleness.stop_idle(opened.session, now=opened.now)
    assert hub.asked == []


def shown(token: str) -> dict[str, dict[str, object] | None]:
    answer = Client().get("/api/session/", headers={"Authorization": token})
    told: dict[str, dict[str, object] | None] = answer.json()
    return told


def tell(token: str, body: object) -> int:
    return (
        Client()
        .post(
            "/api/session/activity/",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": token},
        )
        .status_code
    )


def test_a_server_reports_over_http_and_reads_its_warning(opened: Opened) -> None:
    assert tell(opened.token, {"idle_since": None}) == 204
    assert shown(opened.token)["stop_warning"] is None
    assert tell(opened.token, {"idle_since": "2020-01-01T00:00:00+00:00"}) == 204
    warning = shown(opened.token)["stop_warning"]
    assert warning is not None
    assert datetime.fromisoformat(str(warning["stops_at"])) > datetime.now(UTC)
    assert tell("hexa_ses_wrong", {"idle_since": None}) == 401


@pytest.mark.parametrize(
    "body", [{}, [], {"idle_since": "soon"}, {"idle_since": "2020-01-01T00:00:00"}]
)
def test_reports_that_make_no_sense_are_refused(opened: Opened, body: object) -> None:
    assert tell(opened.token, body) == 422
    assert opened.stops_at is None


def test_a_kill_for_memory_is_told_in_the_persons_language(
    opened: Opened, tmp_path: Path, settings: Settings
) -> None:
    name = f"session-{opened.session.home_id}"
    with running_keeper(tmp_path) as keeper:
        settings.KEEPER_SOCKET = keeper.socket
        assert shown(opened.token)["last_kill"] is None
        keeper.kill()
        at = "2030-06-01T12:00:00+00:00"
        folder = keeper.state / name
        folder.mkdir()
        record = {
            "id": name, "pid": 1, "pid_started": 0, "started_at": at, "ended": True,
            "limits": {"memory_bytes": 2**31, "cpus": 2},
            "last_kill": {"reason": "memory", "at": at, "limit_bytes": 2**31},
        }  # fmt: skip
        (folder / "record.json").write_text(json.dumps(record))
        keeper.start()
        kill = shown(opened.token)["last_kill"]
    assert kill is not None
    assert kill["reason"] == kill["cause"] == "memory"
    assert (kill["at"], kill["limit_bytes"]) == (at, 2**31)
    assert "mémoire de votre session (2,0\xa0Gio)" in str(kill["message"])
    assert len(str(kill["message"])) <= 140, "JupyterLab clips the rest"


def test_drives_are_told_while_the_keeper_is_away(opened: Opened) -> None:
    assert not settings.KEEPER_SOCKET.exists()
    told = shown(opened.token)
    assert told["last_kill"] is None
    assert told["drives"]
