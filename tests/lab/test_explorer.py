"""Home and drives in one tree: looking, opening, naming."""

import json
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.lab.conftest import Drive
from tests.lab.platform import Platform
from tests.lab.server import Lab
from tests.lab.store import Store, bucket_of

NAMES = [
    "plain.csv",
    "with space.csv",
    unicodedata.normalize("NFC", "Données été.csv"),
    unicodedata.normalize("NFD", "Données été.csv"),
    "100 %.csv",
    "%41.csv",
    "a#b.csv",
    "a+b.csv",
    "a?b=c&d.csv",
    'it\'s "quoted".csv',
    "[a]{b}*~^.csv",
    "🦟.csv",
    "s3:other.csv",
]

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {
            "id": "one",
            "cell_type": "code",
            "source": "1 + 1",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
    ],
}


def test_the_root_shows_personal_files_beside_the_drives(lab: Lab, drive: str) -> None:
    (lab.home / "personal.txt").write_text("mine")
    assert lab.names("") >= {"personal.txt", drive}


def test_a_folder_shows_its_folders_and_files(
    lab: Lab, drive: str, store: Store
) -> None:
    for key in ["data/a.csv", "data/b.ipynb", "data/deep/er/c.csv", "data/.hidden"]:
        store.put(bucket_of(drive), key, b"x")
    answer = lab.get(f"{drive}/data", type="directory").json()
    kinds = {entry["name"]: entry["type"] for entry in answer["content"]}
    assert kinds == {"a.csv": "file", "b.ipynb": "notebook", "deep": "directory"}
    paths = {entry["path"] for entry in answer["content"]}
    assert f"{drive}/data/deep" in paths


def test_a_folder_of_any_size_is_listed_whole(
    lab: Lab, drive: str, store: Store
) -> None:
    with ThreadPoolExecutor(16) as pool:
        for number in range(1205):
            pool.submit(store.put, bucket_of(drive), f"many/{number}.csv")
    assert len(lab.names(f"{drive}/many")) == 1205


@pytest.mark.parametrize("name", NAMES)
def test_names_survive(lab: Lab, drive: str, store: Store, name: str) -> None:
    path = f"{drive}/dossier é/{name}"
    assert lab.save_text(path, "a,b").status_code == 201
    assert store.keys(bucket_of(drive)) == {f"dossier é/{name}"}
    assert lab.names(f"{drive}/dossier é") == {name}
    assert lab.get(path).json()["content"] == "a,b"
    assert lab.file(path).content == b"a,b"
    copied = lab.post(f"{drive}/dossier é", {"copy_from": path}).json()["path"]
    assert lab.move(copied, f"{path}-moved").json()["name"] == f"{name}-moved"
    assert lab.delete(f"{path}-moved").status_code == 204
    assert store.keys(bucket_of(drive)) == {f"dossier é/{name}"}


@pytest.mark.parametrize("name", ["a%5Cb", "a%07b", "x" * 1100, "a/%2E%2E/b", "a//b"])
def test_names_no_store_keeps_are_refused(
    lab: Lab, drive: str, store: Store, name: str
) -> None:
    model = {"type": "file", "format": "text", "content": "x"}
    answer = lab.http.put(f"/api/contents/{drive}/{name}", json=model)
    # Jupyter itself refuses "..", and its routes know no "//".
    assert answer.status_code == (404 if name == "a//b" else 400)
    assert store.keys(bucket_of(drive)) == set()


def test_notebooks_open_with_a_hash_and_are_saved(
    lab: Lab, drive: str, store: Store
) -> None:
    """Lab 4.6 asks for a hash on every open and refuses to open without one."""
    store.put(bucket_of(drive), "a.ipynb", json.dumps(NOTEBOOK).encode())
    opened = lab.get(f"{drive}/a.ipynb", content=1, hash=1).json()
    assert opened["type"] == "notebook"
    assert opened["hash"]
    opened["content"]["cells"][0]["source"] = "2 + 2"
    saved = lab.put(f"{drive}/a.ipynb", opened)
    assert saved.status_code == 200
    looked = lab.get(f"{drive}/a.ipynb", content=0, hash=1).json()
    assert looked["hash"] != opened["hash"]
    assert looked["last_modified"] == saved.json()["last_modified"]
    assert b"2 + 2" in store.get(bucket_of(drive), "a.ipynb")


def test_new_things_get_free_names(lab: Lab, drive: str, store: Store) -> None:
    made = [lab.post(drive, {"type": "notebook"}).json()["name"] for _ in range(2)]
    assert made == ["Untitled.ipynb", "Untitled1.ipynb"]
    folder = lab.post(drive, {"type": "directory"}).json()
    assert folder["name"] == "Untitled Folder"
    assert lab.names(f"{drive}/Untitled Folder") == set()
    assert "Untitled Folder/" in store.keys(bucket_of(drive))


def test_binary_files_open_as_base64(lab: Lab, drive: str, store: Store) -> None:
    store.put(bucket_of(drive), "a.png", b"\x89PNG\xff")
    opened = lab.get(f"{drive}/a.png").json()
    assert (opened["format"], opened["mimetype"]) == ("base64", "image/png")
    answer = lab.get(f"{drive}/a.png", format="text", type="file")
    assert answer.status_code == 400
    assert answer.json()["reason"] == "bad format"


def test_broken_notebooks_say_so(lab: Lab, drive: str, store: Store) -> None:
    store.put(bucket_of(drive), "broken.ipynb", b"{")
    answer = lab.get(f"{drive}/broken.ipynb")
    assert answer.status_code == 400
    assert "not a notebook" in answer.json()["message"]


def test_big_files_are_not_opened_but_downloaded(
    lab: Lab, drive: str, store: Store
) -> None:
    store.put(bucket_of(drive), "big 100%.csv", b"x" * (51 << 20))
    answer = lab.get(f"{drive}/big 100%.csv")
    assert answer.status_code == 413
    assert "“" + f"{drive}/big 100%.csv” is too big" in answer.json()["message"]
    assert len(lab.file(f"{drive}/big 100%.csv").content) == 51 << 20


@pytest.mark.parametrize("kind", ["file", "directory", "notebook"])
def test_what_is_not_there_is_not_found(lab: Lab, drive: str, kind: str) -> None:
    assert lab.get(f"{drive}/nothing", type=kind).status_code == 404
    assert lab.get(f"{drive}/nothing").status_code == 404
    assert lab.file(f"{drive}/nothing").status_code == 404
    assert lab.delete(f"{drive}/nothing").status_code == 404
    # In the home too, where a link from somebody else's may point to.
    assert lab.get("nothing", type=kind).status_code == 404
    assert lab.get("nothing").status_code == 404


def test_files_and_folders_are_not_taken_for_each_other(
    lab: Lab, drive: str, store: Store
) -> None:
    store.put(bucket_of(drive), "folder/file")
    assert lab.get(f"{drive}/folder", type="file").status_code == 400
    assert lab.get(f"{drive}/folder/file", type="directory").status_code == 400


def test_hidden_files_are_neither_listed_nor_served(
    lab: Lab, drive: str, store: Store
) -> None:
    store.put(bucket_of(drive), ".secret/a.txt", b"x")
    assert lab.names(drive) == set()
    assert lab.file(f"{drive}/.secret/a.txt").status_code == 404


def test_messages_are_in_the_language_of_the_person(
    lab: Lab, make_drive: Drive, platform: Platform
) -> None:
    platform.language = "fr"
    drive = make_drive("read")
    answer = lab.save_text(f"{drive}/a.txt", "x")
    assert "lecture seule" in answer.json()["message"]


def test_a_drive_without_checkpoints_answers_lab(lab: Lab, drive: str) -> None:
    lab.save_text(f"{drive}/a.txt", "x")
    made = lab.http.post(f"/api/contents/{drive}/a.txt/checkpoints")
    assert made.status_code == 201
    assert lab.http.get(f"/api/contents/{drive}/a.txt/checkpoints").json() == []


def test_a_notebook_in_a_drive_runs_in_the_home(lab: Lab, drive: str) -> None:
    lab.post(drive, {"type": "notebook"})
    model = {
        "path": f"{drive}/Untitled.ipynb",
        "type": "notebook",
        "name": "",
        "kernel": {"name": "python3"},
    }
    session = lab.http.post("/api/sessions", json=model).json()
    kernel = session["kernel"]["id"]
    assert lab.http.delete(f"/api/sessions/{session['id']}").status_code == 204
    assert f"Kernel started: {kernel}" in lab.log
