"""What is written arrives, whole, and never over what its author did not see."""

import base64
import hashlib
import random
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.lab.conftest import Drive
from tests.lab.server import Lab
from tests.lab.store import Store, bucket_of

CHUNK = 1 << 20


def send(lab: Lab, path: str, body: bytes, *, chunks: list[int] | None = None) -> int:
    """As JupyterLab uploads: 1 MB at a time, numbered from 1, the last one -1."""
    pieces = [body[at : at + CHUNK] for at in range(0, len(body), CHUNK)]
    numbers = chunks or [*range(1, len(pieces)), -1]
    status = 0
    for number, piece in zip(numbers, pieces, strict=True):
        model = {
            "type": "file",
            "format": "base64",
            "chunk": number,
            "content": base64.b64encode(piece).decode(),
        }
        status = lab.put(path, model).status_code
        if status >= 400:
            return status
    return status


def test_a_hundred_megabytes_arrive_and_come_back(
    lab: Lab, drive: str, store: Store
) -> None:
    body = random.Random(1).randbytes(100 << 20)  # noqa: S311
    path = f"{drive}/data/Données 100 %.bin"
    assert send(lab, path, body) in {200, 201}
    assert store.get(bucket_of(drive), "data/Données 100 %.bin") == body
    with lab.http.stream("GET", f"/files/{path.replace('%', '%25')}") as answer:
        digest = hashlib.sha256()
        for piece in answer.iter_bytes():
            digest.update(piece)
    assert digest.digest() == hashlib.sha256(body).digest()
    part = lab.file(path, Range="bytes=52428800-52428899")
    assert part.status_code == 206
    assert part.content == body[52428800:52428900]
    assert part.headers["Content-Range"] == f"bytes 52428800-52428899/{100 << 20}"


def test_an_upload_that_lost_a_chunk_is_refused_and_leaves_nothing(
    lab: Lab, drive: str, store: Store
) -> None:
    assert send(lab, f"{drive}/a.bin", bytes(3 * CHUNK), chunks=[1, 3, -1]) == 409
    assert store.keys(bucket_of(drive)) == set()
    assert send(lab, f"{drive}/a.bin", bytes(2 * CHUNK), chunks=[2, -1]) == 409


def test_an_upload_started_again_wins(lab: Lab, drive: str, store: Store) -> None:
    send(lab, f"{drive}/a.bin", bytes(2 * CHUNK), chunks=[1, 2])
    assert send(lab, f"{drive}/a.bin", b"x" * 2 * CHUNK) in {200, 201}
    assert store.get(bucket_of(drive), "a.bin") == b"x" * 2 * CHUNK
    pending = store.s3.list_multipart_uploads(Bucket=bucket_of(drive))
    assert pending.get("Uploads", []) == []


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=0-99", 200, b"0123456789"),
        ("bytes=10-", 416, b""),
        ("bytes=1-2,4-5", 200, b"0123456789"),
        ("rows=1-2", 200, b"0123456789"),
    ],
)
def test_ranges(
    lab: Lab, drive: str, store: Store, asked: str, status: int, content: bytes
) -> None:
    store.put(bucket_of(drive), "a.txt", b"0123456789")
    answer = lab.file(f"{drive}/a.txt", Range=asked)
    assert (answer.status_code, answer.content) == (status, content)


def test_downloads_are_named_confined_and_cached(
    lab: Lab, drive: str, store: Store
) -> None:
    store.put(bucket_of(drive), "Été 1.html", b"<script>1</script>")
    answer = lab.http.get(f"/files/{drive}/Été 1.html?download=1")
    assert (
        answer.headers["Content-Disposition"]
        == "attachment; filename*=utf-8''%C3%89t%C3%A9%201.html"
    )
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = lab.file(f"{drive}/Été 1.html", **{"If-None-Match": answer.headers["Etag"]})
    assert again.status_code == 304
    assert lab.http.head(f"/files/{drive}/Été 1.html").headers["Content-Length"] == "18"
    with httpx.Client(base_url=lab.http.base_url, trust_env=False) as stranger:
        # Sent to sign in.
        assert stranger.get(f"/files/{drive}/Été 1.html").status_code == 302


def test_an_empty_file_can_be_made_and_downloaded(lab: Lab, drive: str) -> None:
    assert lab.save_text(f"{drive}/empty.txt", "").status_code == 201
    assert lab.file(f"{drive}/empty.txt").content == b""


def test_a_save_over_someone_elses_change_is_refused_once(
    lab: Lab, drive: str, store: Store
) -> None:
    path = f"{drive}/shared.txt"
    lab.save_text(path, "mine")
    assert lab.get(path).json()["content"] == "mine"
    store.put(bucket_of(drive), "shared.txt", b"theirs")
    refused = lab.save_text(path, "mine again")
    assert refused.status_code == 409
    assert "changed by someone else" in refused.json()["message"]
    assert store.get(bucket_of(drive), "shared.txt") == b"theirs"
    # Whoever was told may overwrite; the bucket keeps theirs as a version.
    assert lab.save_text(path, "mine again").status_code == 200
    versions = store.s3.list_object_versions(Bucket=bucket_of(drive))["Versions"]
    assert len(versions) == 3


def test_of_parallel_first_saves_one_wins(lab: Lab, drive: str, store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(
            lambda number: lab.save_text(f"{drive}/a.txt", str(number)), range(8)
        )
        statuses = sorted(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 201, 409}
    assert 201 in statuses
    versions = store.s3.list_object_versions(Bucket=bucket_of(drive))["Versions"]
    assert len(versions) == len([status for status in statuses if status < 400])


def test_parallel_saves_of_many_files_all_arrive(
    lab: Lab, drive: str, store: Store
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(
            lambda number: lab.save_text(f"{drive}/{number}.txt", str(number)),
            range(40),
        )
        assert {answer.status_code for answer in answers} == {201}
    assert len(store.keys(bucket_of(drive))) == 40


def test_a_read_only_drive_says_so(lab: Lab, make_drive: Drive, store: Store) -> None:
    drive = make_drive("read")
    store.put(bucket_of(drive), "a.txt", b"kept")
    opened = lab.get(f"{drive}/a.txt").json()
    assert (opened["content"], opened["writable"]) == ("kept", False)
    refusals = [
        lab.save_text(f"{drive}/a.txt", "changed"),
        lab.post(drive, {"type": "directory"}),
        lab.post(drive, {"copy_from": f"{drive}/a.txt"}),
        lab.move(f"{drive}/a.txt", f"{drive}/b.txt"),
        lab.move(f"{drive}/a.txt", "a.txt"),
        lab.delete(f"{drive}/a.txt"),
    ]
    assert [answer.status_code for answer in refusals] == [403] * 6
    assert "read-only for you" in refusals[0].json()["message"]
    assert store.keys(bucket_of(drive)) == {"a.txt"}
    assert not (lab.home / "a.txt").exists()
