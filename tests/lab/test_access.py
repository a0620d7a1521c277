"""The platform decides which drives there are, also while the server runs."""

import time
from collections.abc import Callable

import httpx
from tests.lab.conftest import Drive
from tests.lab.platform import Platform
from tests.lab.server import Lab
from tests.lab.store import Store, bucket_of


def until(ask: Callable[[], httpx.Response], status: int) -> httpx.Response:
    """The answer once it has this status; people wait at most 15 s, tests less."""
    deadline = time.monotonic() + 10
    answer = ask()
    while answer.status_code != status and time.monotonic() < deadline:
        time.sleep(0.1)
        answer = ask()
    assert answer.status_code == status, answer.text
    return answer


def test_a_vanished_drive_is_gone(
    lab: Lab, drive: str, platform: Platform, store: Store
) -> None:
    store.put(bucket_of(drive), "a.txt", b"x")
    assert lab.get(f"{drive}/a.txt").status_code == 200
    del platform.drives[bucket_of(drive)]
    until(lambda: lab.get(f"{drive}/a.txt"), 404)
    assert drive not in lab.names("")
    assert lab.file(f"{drive}/a.txt").status_code == 404
    refused = lab.save_text(f"{drive}/a.txt", "mine")
    assert refused.status_code == 404
    assert "no longer have access" in refused.json()["message"]


def test_a_downgrade_takes_effect(lab: Lab, drive: str, platform: Platform) -> None:
    assert lab.save_text(f"{drive}/a.txt", "x").status_code == 201
    platform.drives[bucket_of(drive)] = "read"
    until(lambda: lab.save_text(f"{drive}/a.txt", "y"), 403)
    platform.drives[bucket_of(drive)] = "write"
    until(lambda: lab.save_text(f"{drive}/a.txt", "y"), 200)


def test_a_removed_person_sees_no_drives(
    lab: Lab, drive: str, platform: Platform
) -> None:
    assert lab.get(drive).status_code == 200
    platform.is_refusing = True
    until(lambda: lab.get(drive), 403)
    refused = lab.save_text(f"{drive}/a.txt", "x")
    assert "no longer have access" in refused.json()["message"]
    assert drive not in lab.names("")
    platform.is_refusing = False
    until(lambda: lab.get(drive), 200)


def test_the_store_decides_whatever_the_list_says(
    lab: Lab, make_drive: Drive, platform: Platform, store: Store
) -> None:
    drive = make_drive("read")
    platform.minted["write"] = "read"
    platform.drives[bucket_of(drive)] = "write"
    time.sleep(0.3)
    answer = lab.save_text(f"{drive}/a.txt", "x")
    assert answer.status_code == 403
    assert "The store does not let you" in answer.json()["message"]
    assert store.keys(bucket_of(drive)) == set()


def test_without_minted_keys_there_is_no_access(
    lab: Lab, make_drive: Drive, platform: Platform
) -> None:
    platform.minting_refused = True
    drive = make_drive()
    answer = lab.save_text(f"{drive}/a.txt", "x")
    assert answer.status_code == 403
    assert "mints no keys at the moment" in answer.json()["message"]
    platform.minting_refused = False
    assert lab.save_text(f"{drive}/a.txt", "x").status_code == 201


def test_while_the_platform_is_away_the_drives_stay_in_sight(
    lab: Lab, drive: str, platform: Platform
) -> None:
    assert lab.get(drive).status_code == 200
    platform.stop()
    try:
        time.sleep(0.3)
        assert drive in lab.names("")
        # Confirmed a moment ago: a restart of the platform disturbs nobody.
        assert lab.save_text(f"{drive}/a.txt", "x").status_code == 201
        assert lab.http.post("/hexa/stop").status_code == 503
    finally:
        platform.start()
    assert lab.save_text(f"{drive}/a.txt", "y").status_code == 200


def test_a_store_that_is_away_is_named_and_nothing_else_suffers(
    lab: Lab, drive: str, store: Store
) -> None:
    lab.save_text(f"{drive}/a.txt", "x")
    store.stop()
    try:
        answer = lab.save_text(f"{drive}/a.txt", "y")
        assert answer.status_code == 503
        assert "does not answer" in answer.json()["message"]
        assert lab.get(drive).status_code == 503
        assert drive in lab.names("")
        assert lab.save_text("home.txt", "z").status_code in {200, 201}
    finally:
        store.start()
    assert lab.get(f"{drive}/a.txt").json()["content"] == "x"
    assert lab.save_text(f"{drive}/a.txt", "y").status_code == 200
