"""Admins connect a bucket that the team already has, and let it go again."""

import datetime as dt
import json
import ssl
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from django.test import Client

from hexa.backends.storage import seaweedfs
from hexa.backends.storage.certificates import Certificates
from hexa.backends.storage.errors import RefusedByStore, StoreOutage
from hexa.files import actions, errors
from hexa.files.forms import BucketForm
from hexa.files.models import BucketState, Drive
from hexa.files.queries.examining import examine
from hexa.files.queries.store import Place, opened
from hexa.files.tasks import check_bucket
from hexa.foundation.models import AuditEvent
from hexa.workspaces.models import Role, Workspace
from tests.conftest import SignedIn
from tests.foreign import Foreign, place_at
from tests.makers import TESTS, make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def admin(signed_in: SignedIn, workspace: Workspace) -> Client:
    return signed_in(make_member(workspace, role=Role.ADMIN))


def form_of(place: Place, **changed: str) -> dict[str, str]:
    return {
        "kind": "other",
        "bucket": place.bucket,
        "folder": place.prefix,
        "access": place.access,
        "region": place.region,
        "endpoint": place.endpoint,
        "is_path_style": "on",
        "access_key_id": place.access_key_id,
        "secret_access_key": place.secret_access_key,
        **changed,
    }


def test_a_bucket_is_tested_connected_browsed_changed_and_let_go(
    admin: Client, workspace: Workspace, foreign: Foreign
) -> None:
    base = f"/workspaces/{workspace.slug}"
    foreign.store.put(foreign.bucket, "raw/a.csv", b"district,cases\n")
    place = place_at(foreign)
    tested = admin.post(f"{base}/files/drives/connect/", form_of(place, test="test"))
    page = tested.content.decode()
    assert "It works. Nothing is saved yet." in page
    assert "Files can be deleted." in page
    assert place.secret_access_key not in page
    assert not Drive.objects.visible_to(TESTS).filter(bucket=foreign.bucket).exists()
    # What was typed for the test is still known, and still not shown.
    typed = form_of(place, secret_access_key="", access_key_id="")
    saved = admin.post(f"{base}/files/drives/connect/", typed)
    assert saved.status_code == 302
    name = f"s3:{foreign.bucket}"
    listed = admin.get(f"{base}/files/drives/").content.decode()
    assert name in listed
    assert "works" in listed
    assert "a.csv" in admin.get(f"{base}/files/{name}/raw/").content.decode()
    edit = admin.get(f"{base}/files/drives/{name}/").content.decode()
    assert place.secret_access_key not in edit
    assert place.access_key_id not in edit
    read_only = form_of(place, secret_access_key="", access_key_id="", access="read")
    assert admin.post(f"{base}/files/drives/{name}/", read_only).status_code == 302
    refused = admin.post(f"{base}/files/make-folder/{name}/", {"name": "x"})
    assert refused.status_code == 409
    wrong = admin.post(f"{base}/files/drives/{name}/disconnect/", {"typed": "no"})
    assert wrong.status_code == 422
    gone = admin.post(
        f"{base}/files/drives/{name}/disconnect/", {"typed": foreign.bucket}
    )
    assert gone.status_code == 302
    assert admin.get(f"{base}/files/{name}/").status_code == 404
    assert foreign.store.head(foreign.bucket, "raw/a.csv")
    acts = AuditEvent.objects.filter(workspace=workspace.slug, subject=name)
    assert set(acts.values_list("action", flat=True)) == {
        "bucket.connected",
        "bucket.changed",
        "bucket.disconnected",
    }
    told = json.dumps(list(acts.values("details")))
    assert place.secret_access_key not in told


def test_the_probe_of_a_test_leaves_nothing_behind(foreign: Foreign) -> None:
    assert examine(place_at(foreign)).is_usable
    assert not foreign.store.versions(foreign.bucket, "").versions


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"access_key_id": "NOBODY"}, BucketState.REFUSED),
        ({"secret_access_key": "wrong"}, BucketState.REFUSED),
        ({"bucket": "there-is-no-such-bucket"}, BucketState.NO_BUCKET),
        ({"endpoint": "http://127.0.0.1:9"}, BucketState.UNREACHABLE),
        ({"endpoint": "http://10.0.0.9"}, BucketState.NOT_ALLOWED),
        ({"endpoint": "http://169.254.169.254"}, BucketState.NOT_ALLOWED),
    ],
)
def test_what_is_wrong_is_named(
    foreign: Foreign, changed: dict[str, Any], state: BucketState
) -> None:
    found = examine(replace(place_at(foreign), **changed))
    assert found.state == state
    assert found.findings[-1].tone == "bad"


def test_a_revoked_key_shows_as_state_and_on_the_page_and_heals(
    admin: Client, workspace: Workspace, foreign: Foreign
) -> None:
    by = make_member(workspace, role=Role.ADMIN)
    revoked = replace(place_at(foreign), secret_access_key="revoked")
    drive = actions.connect(workspace, revoked, by=by)
    assert drive.connected.state == BucketState.REFUSED
    page = admin.get(f"/workspaces/{workspace.slug}/files/{drive.name}/")
    assert page.status_code == 503
    assert "refuses the key" in page.content.decode()
    own = admin.get(f"/workspaces/{workspace.slug}/files/s3:{workspace.slug}/")
    assert own.status_code == 200
    actions.change(drive, place_at(foreign), by=by)
    drive.connected.refresh_from_db()
    assert drive.connected.state == BucketState.WORKING
    # Noted by somebody who met it otherwise, until it is asked again.
    actions.note(drive, StoreOutage())
    drive.connected.refresh_from_db()
    assert drive.connected.state == BucketState.UNREACHABLE
    check_bucket(drive.pk)
    drive.connected.refresh_from_db()
    assert drive.connected.state == BucketState.WORKING
    page = admin.get(f"/workspaces/{workspace.slug}/files/{drive.name}/")
    assert page.status_code == 200


def test_one_address_never_means_two_files(
    workspace: Workspace, foreign: Foreign
) -> None:
    by = make_member(workspace, role=Role.ADMIN)
    actions.connect(workspace, replace(place_at(foreign), prefix="a/"), by=by)
    actions.connect(workspace, replace(place_at(foreign), prefix="b/"), by=by)
    with pytest.raises(errors.DriveExists):
        actions.connect(workspace, replace(place_at(foreign), prefix="a/"), by=by)
    elsewhere = replace(place_at(foreign), endpoint="http://127.0.0.1:9", prefix="c/")
    with pytest.raises(errors.BucketTwice):
        actions.connect(workspace, elsewhere, by=by)
    ours = replace(place_at(foreign), bucket=workspace.slug)
    with pytest.raises(errors.BucketTwice):
        actions.connect(workspace, ours, by=by)
    # Another workspace may connect the very same.
    actions.connect(make_workspace(by=by), place_at(foreign), by=by)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"bucket": "a b"}, "bucket"),
        ({"folder": "a/../b"}, "folder"),
        ({"endpoint": "ftp://x.org"}, "endpoint"),
        ({"endpoint": "https://user:pw@x.org"}, "endpoint"),
        ({"endpoint": "https://x.org/path"}, "endpoint"),
        ({"kind": "amazon", "region": ""}, "region"),
        ({"secret_access_key": ""}, "secret_access_key"),
        ({"authority": "no certificate"}, "authority"),
        ({"role_arn": "me"}, "role_arn"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    changed: dict[str, str], field: str
) -> None:
    typed = {
        "kind": "other",
        "bucket": "team",
        "access": "read",
        "region": "us-east-1",
        "endpoint": "https://s3.example.org",
        "access_key_id": "K",
        "secret_access_key": "S",
    }
    assert BucketForm(typed, has_key=False).is_valid()
    form = BucketForm({**typed, **changed}, has_key=False)
    assert list(form.errors) == [field]


def test_a_pasted_address_gives_bucket_and_folder() -> None:
    typed = {"kind": "amazon", "bucket": "s3://who-data/raw/2026", "access": "read"}
    form = BucketForm({**typed, "region": "eu-west-1"}, has_key=True)
    assert form.is_valid()
    assert form.cleaned_data["bucket"] == "who-data"
    assert form.cleaned_data["folder"] == "raw/2026/"


def test_only_admins_come_to_a_connected_bucket(
    signed_in: SignedIn, workspace: Workspace, foreign: Foreign
) -> None:
    by = make_member(workspace, role=Role.ADMIN)
    drive = actions.connect(workspace, place_at(foreign), by=by)
    base = f"/workspaces/{workspace.slug}/files/drives/{drive.name}/"
    verbs = [("get", ""), ("post", ""), ("post", "check/"), ("post", "disconnect/")]
    for person, refused in (
        (make_member(workspace, role=Role.EDITOR), 403),
        (make_member(make_workspace(), role=Role.ADMIN), 404),
    ):
        client = signed_in(person)
        for method, verb in verbs:
            asked = getattr(client, method)(base + verb, {"typed": drive.bucket})
            assert asked.status_code == refused, (method, verb)
    assert signed_in(by).get(base).status_code == 200
    assert signed_in(by).post(f"{base}check/").status_code == 302
    own = signed_in(by).post(
        f"/workspaces/{workspace.slug}/files/drives/s3:{workspace.slug}/disconnect/"
    )
    assert own.status_code == 409


class _Elsewhere(BaseHTTPRequestHandler):
    """A store that answers every request with one error of Amazon's."""

    error: ClassVar[tuple[int, str]] = (403, "AccessDenied")
    payers: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.payers.append(self.headers["x-amz-request-payer"])
        status, code = self.error
        body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
        self.send_response(status)
        self.send_header("x-amz-bucket-region", "eu-west-3")
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_HEAD = do_GET  # noqa: N815 # http.server names them

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.mark.parametrize(
    ("error", "state", "region"),
    [
        ((301, "PermanentRedirect"), BucketState.REGION, "eu-west-3"),
        ((400, "AuthorizationHeaderMalformed"), BucketState.REGION, "eu-west-3"),
        ((403, "RequestTimeTooSkewed"), BucketState.CLOCK, ""),
        ((403, "AccessDenied"), BucketState.FORBIDDEN, ""),
    ],
)
def test_what_amazon_says_of_region_and_clock_is_understood(
    foreign: Foreign, error: tuple[int, str], state: BucketState, region: str
) -> None:
    answering = type("Answering", (_Elsewhere,), {"error": error})
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    found = examine(replace(place_at(foreign), endpoint=url))
    server.shutdown()
    server.server_close()
    assert (found.state, found.region) == (state, region)


def test_a_role_lends_no_more_than_the_drive_may_do(
    workspace: Workspace, foreign: Foreign
) -> None:
    foreign.store.put(foreign.bucket, "raw/a.csv", b"inside")
    foreign.store.put(foreign.bucket, "beside.csv", b"beside")
    lent = replace(
        place_at(foreign), role_arn=seaweedfs.ROLE_ARN, prefix="raw/", access="read"
    )
    assert examine(lent).is_usable
    by = make_member(workspace, role=Role.ADMIN)
    store = opened(actions.connect(workspace, lent, by=by))
    assert store.token
    assert store.read(foreign.bucket, "raw/a.csv", length=9) == b"inside"
    with pytest.raises(RefusedByStore):
        store.read(foreign.bucket, "beside.csv", length=9)
    with pytest.raises(RefusedByStore):
        store.put(foreign.bucket, "raw/b.csv", b"")
    unknown = replace(lent, role_arn="arn:aws:iam::000000000000:role/nobody")
    assert not examine(unknown).is_usable


def test_a_certificate_of_ones_own_authority_is_trusted_once_it_is_entered(
    foreign: Foreign, tmp_path: Path
) -> None:
    authority = Certificates(tmp_path)
    authority.ensure(now=dt.datetime.now(dt.UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate, authority.key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    place = replace(
        place_at(foreign),
        endpoint=f"https://127.0.0.1:{server.server_address[1]}",
        pays_requests=True,
    )
    assert examine(place).state == BucketState.UNTRUSTED
    trusting = replace(place, authority=authority.authority.read_text())
    _Elsewhere.payers.clear()
    # It is let in, and says no to everybody.
    assert examine(trusting).state == BucketState.FORBIDDEN
    assert _Elsewhere.payers == ["requester"]
    server.shutdown()
    server.server_close()
