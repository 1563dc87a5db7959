"""What every store must do that takes files in parts: a folder and S3."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from mlyard.artifacts.factory import artifact_store
from mlyard.core.errors import DoesNotExist, InvalidParameter, MlyardError, TemporarilyUnavailable
from mlyard.ports.artifacts import ArtifactStore, Part, PartedUploads
from tests.s3 import BUCKET, S3Server

SIZE = 5 * 1024 * 1024  # the least that S3 takes of a part that is not the last


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
    if request.param == "folder":
        return artifact_store(str(tmp_path / "root"), None)
    s3: S3Server = request.getfixturevalue("s3")
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return artifact_store(f"s3://{BUCKET}/{uuid.uuid4().hex}", None)


@pytest.fixture
def parts(store: ArtifactStore) -> PartedUploads:
    assert store.parts
    return store.parts


def content(store: ArtifactStore, path: str) -> bytes:
    with store.open(path) as artifact:
        return b"".join(artifact.chunks)


def put(parts: PartedUploads, upload: str, number: int, block: bytes) -> str:
    part = Part(number, (number - 1) * SIZE, len(block))
    return parts.put_part("deep/file", upload, part, [block[:1000], block[1000:]])


def test_parts_in_any_order_and_again(store: ArtifactStore, parts: PartedUploads) -> None:
    store.put("deep/file", b"old")
    upload = parts.begin("deep/file")
    blocks = {1: b"1" * SIZE, 2: b"2" * SIZE, 3: b"3" * 10}
    tags = {number: put(parts, upload, number, blocks[number]) for number in (3, 1, 2)}
    with pytest.raises(MlyardError):
        parts.put_part("deep/file", upload, Part(2, SIZE, SIZE), [b"short"])
    tags[2] = put(parts, upload, 2, blocks[2])
    assert content(store, "deep/file") == b"old"
    assert [f.path for f in store.list("deep")] == ["deep/file"]
    parts.complete("deep/file", upload, tags)
    assert content(store, "deep/file") == b"".join(blocks.values())
    assert list(parts.uploads()) == []


def test_an_upload_that_is_given_up_leaves_nothing(store: ArtifactStore, parts: PartedUploads) -> None:
    store.put("deep/file", b"old")
    upload = parts.begin("deep/file")
    put(parts, upload, 1, b"1" * SIZE)
    assert [u.begun_at > 0 for u in store.unfinished()] == [True]
    parts.abort("deep/file", upload)
    assert content(store, "deep/file") == b"old"
    assert list(store.unfinished()) == []
    for late in (
        lambda: put(parts, upload, 2, b"2"),
        lambda: parts.complete("deep/file", upload, {1: f"0-{SIZE}"}),
    ):
        with pytest.raises(DoesNotExist, match="no such upload"):
            late()


@pytest.mark.parametrize("upload", ["", "..", "../../x", "0123456789abcdef", "0123456789abcdeF", "a/b", "\0" * 16])
def test_ids_of_no_upload(parts: PartedUploads, upload: str) -> None:
    for attempt in (
        lambda: put(parts, upload, 1, b"1"),
        lambda: parts.abort("deep/file", upload),
    ):
        with pytest.raises((DoesNotExist, InvalidParameter, TemporarilyUnavailable)):
            attempt()
    assert list(parts.uploads()) == []


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "..%2fx", ""])
def test_paths_that_leave_the_root(parts: PartedUploads, path: str) -> None:
    attempts: tuple[Callable[[], object], ...] = (
        lambda: parts.begin(path),
        lambda: parts.put_part(path, "0" * 16, Part(1, 0, 1), [b"x"]),
        lambda: parts.abort(path, "0"),
    )
    for attempt in attempts:
        with pytest.raises(InvalidParameter):
            attempt()


def test_parts_that_do_not_join(tmp_path: Path) -> None:
    """Object stores look after this themselves."""
    store = artifact_store(str(tmp_path), None)
    assert store.parts
    upload = store.parts.begin("file")
    tags = {n: store.parts.put_part("file", upload, Part(n, start, 2), [b"ab"]) for n, start in ((1, 0), (2, 4))}
    for wrong in (tags, {1: "0-2", 2: "x"}, {2: tags[2]}):
        with pytest.raises(InvalidParameter, match="not contiguous"):
            store.parts.complete("file", upload, wrong)
    with pytest.raises(InvalidParameter, match="larger than"):
        store.parts.put_part("file", upload, Part(3, 2, 1), [b"abc"])
    assert list(store.list()) == []
