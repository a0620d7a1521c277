"""Copying, moving and deleting, within a drive and across home and drives."""

import random

import pytest
from tests.lab.conftest import Drive
from tests.lab.server import Lab
from tests.lab.store import Store, bucket_of


def test_copies_never_overwrite(lab: Lab, drive: str, store: Store) -> None:
    store.put(bucket_of(drive), "n.txt", b"first")
    names = [
        lab.post(drive, {"copy_from": f"{drive}/n.txt"}).json()["name"]
        for _ in range(2)
    ]
    names.append(lab.post(drive, {"copy_from": f"{drive}/{names[0]}"}).json()["name"])
    assert names == ["n-Copy1.txt", "n-Copy2.txt", "n-Copy3.txt"]
    assert store.keys(bucket_of(drive)) == {"n.txt", *names}


def test_a_move_onto_a_file_is_refused(lab: Lab, drive: str, store: Store) -> None:
    for key in ["a.txt", "b.txt", "folder/c.txt"]:
        store.put(bucket_of(drive), key, key.encode())
    for target in ["b.txt", "folder"]:
        answer = lab.move(f"{drive}/a.txt", f"{drive}/{target}")
        assert answer.status_code == 409
        assert "already exists" in answer.json()["message"]
    assert store.get(bucket_of(drive), "b.txt") == b"b.txt"


def test_files_travel_between_home_and_drives(
    lab: Lab, make_drive: Drive, store: Store
) -> None:
    one, two = make_drive(), make_drive()
    body = random.Random(2).randbytes(20 << 20)  # noqa: S311
    (lab.home / "été.bin").write_bytes(body)
    assert lab.move("été.bin", f"{one}/in/été.bin").status_code == 200
    assert not (lab.home / "été.bin").exists()
    assert store.get(bucket_of(one), "in/été.bin") == body
    assert lab.move(f"{one}/in/été.bin", f"{two}/été.bin").status_code == 200
    assert store.keys(bucket_of(one)) == set()
    assert store.get(bucket_of(two), "été.bin") == body
    copied = lab.post("", {"copy_from": f"{two}/été.bin"})
    assert copied.status_code == 201
    assert (lab.home / "été.bin").read_bytes() == body
    assert lab.post("", {"copy_from": f"{two}/été.bin"}).json()["name"] != "été.bin"
    for left in lab.home.glob("*.bin"):
        left.unlink()


def test_folders_travel_with_all_they_hold(
    lab: Lab, make_drive: Drive, store: Store
) -> None:
    one, two = make_drive(), make_drive()
    folder = lab.home / "study"
    (folder / "deep" / "empty").mkdir(parents=True)
    (folder / "deep" / "a.txt").write_text("a")
    (folder / "b.txt").write_text("b")
    assert lab.move("study", f"{one}/study").status_code == 200
    expected = {"study/deep/a.txt", "study/b.txt", "study/deep/empty/"}
    assert store.keys(bucket_of(one)) == expected
    assert not folder.exists()
    assert lab.move(f"{one}/study", f"{one}/renamed").status_code == 200
    moved = {key.replace("study", "renamed") for key in expected}
    assert store.keys(bucket_of(one)) == moved
    assert lab.post(two, {"copy_from": f"{one}/renamed"}).status_code == 201
    assert store.keys(bucket_of(two)) == moved
    assert lab.move(f"{two}/renamed", "back").status_code == 200
    assert (lab.home / "back" / "deep" / "a.txt").read_text() == "a"
    assert (lab.home / "back" / "deep" / "empty").is_dir()
    assert store.keys(bucket_of(two)) == set()
    lab.delete("back")


def test_a_deleted_folder_is_gone_whole(lab: Lab, drive: str, store: Store) -> None:
    lab.put(f"{drive}/old/empty", {"type": "directory"})
    for number in range(30):
        store.put(bucket_of(drive), f"old/{number}.txt", b"")
    store.put(bucket_of(drive), "older.txt", b"")
    assert lab.delete(f"{drive}/old").status_code == 204
    assert store.keys(bucket_of(drive)) == {"older.txt"}
    assert lab.names(drive) == {"older.txt"}


def test_an_object_that_is_also_a_folder_loses_only_itself(
    lab: Lab, drive: str, store: Store
) -> None:
    store.put(bucket_of(drive), "p", b"1")
    store.put(bucket_of(drive), "p/q", b"2")
    assert lab.delete(f"{drive}/p").status_code == 204
    assert store.keys(bucket_of(drive)) == {"p/q"}


def test_a_folder_does_not_go_into_itself(lab: Lab, drive: str, store: Store) -> None:
    store.put(bucket_of(drive), "a/b.txt", b"")
    answer = lab.move(f"{drive}/a", f"{drive}/a/a")
    assert answer.status_code == 400
    assert store.keys(bucket_of(drive)) == {"a/b.txt"}


@pytest.mark.parametrize("verb", ["delete", "rename", "copy"])
def test_drives_themselves_stay(lab: Lab, drive: str, verb: str) -> None:
    answer = {
        "delete": lambda: lab.delete(drive),
        "rename": lambda: lab.move(drive, "s3:another"),
        "copy": lambda: lab.post("", {"copy_from": drive}),
    }[verb]()
    assert answer.status_code == 403


def test_nothing_leaves_the_home_by_its_path(lab: Lab, drive: str) -> None:
    answer = lab.http.patch(
        "/api/contents/%2E%2E/token", json={"path": f"{drive}/token"}
    )
    assert answer.status_code == 404
