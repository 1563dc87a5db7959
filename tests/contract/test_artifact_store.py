"""What every artifact store must do."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from mlyard.artifacts.local import LocalArtifactStore
from mlyard.artifacts.transfer import download, upload
from mlyard.core.errors import DoesNotExist, InvalidParameter, MlyardError
from mlyard.ports.artifacts import ArtifactStore


def read(store: ArtifactStore, path: str) -> bytes:
    with store.open(path) as artifact:
        content = b"".join(artifact.chunks)
        assert artifact.size == len(content)
    return content


@pytest.mark.parametrize("path", ["a.txt", "deep/er/b.bin", "ü ñ#?%41+&=.txt", "100%"])
def test_what_is_put_is_read(artifacts: ArtifactStore, path: str) -> None:
    artifacts.put(path, [b"hello ", b"", b"world"])
    assert read(artifacts, path) == b"hello world"
    artifacts.put(path, [b"again"])
    assert read(artifacts, path) == b"again"


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (3, 8), (5, None), (0, 99), (10, None), (12, None), (4, 4)])
def test_a_part_of_a_file(artifacts: ArtifactStore, start: int, stop: int | None) -> None:
    artifacts.put("digits", b"0123456789")
    with artifacts.open("digits", start, stop) as artifact:
        assert b"".join(artifact.chunks) == b"0123456789"[start:stop]


def test_a_file_comes_from_a_file_from_bytes_or_from_chunks(artifacts: ArtifactStore, tmp_path: Path) -> None:
    large = os.urandom(9_000_000)
    (tmp_path / "large").write_bytes(large)
    artifacts.put("file", tmp_path / "large")
    artifacts.put("bytes", large)
    artifacts.put("chunks", (large[start : start + 300_000] for start in range(0, len(large), 300_000)))
    assert read(artifacts, "file") == read(artifacts, "bytes") == read(artifacts, "chunks") == large


def test_an_empty_file_is_a_file(artifacts: ArtifactStore) -> None:
    artifacts.put("empty", [])
    assert read(artifacts, "empty") == b""


def test_listing_shows_children_by_name(artifacts: ArtifactStore) -> None:
    for path in ("b.txt", "a/x", "a/y"):
        artifacts.put(path, [b"123"])
    assert [(f.path, f.is_dir, f.file_size) for f in artifacts.list()] == [("a", True, None), ("b.txt", False, 3)]
    assert [f.path for f in artifacts.list("a")] == ["a/x", "a/y"]
    assert artifacts.list("b.txt") == []
    assert artifacts.list("missing") == []


def test_deleting_a_file_and_a_folder(artifacts: ArtifactStore) -> None:
    for path in ("a/x", "a/y", "b"):
        artifacts.put(path, [b"1"])
    artifacts.delete("a/x")
    assert [f.path for f in artifacts.list("a")] == ["a/y"]
    artifacts.delete("a")
    assert artifacts.list("a") == []
    # SeaweedFS goes on listing the emptied folder.
    assert [f.path for f in artifacts.list() if not f.is_dir] == ["b"]
    with pytest.raises(DoesNotExist, match=r"There is no artifact .*a'"):
        artifacts.delete("a")
    with pytest.raises(DoesNotExist, match=r"There is no artifact .*a'"):
        read(artifacts, "a")


def test_a_broken_upload_leaves_the_old_file_and_nothing_else(artifacts: ArtifactStore) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise RuntimeError("the disk that this is read from is gone")

    artifacts.put("old", [b"old"])
    for path in ("old", "new"):
        with pytest.raises(RuntimeError):
            artifacts.put(path, broken())
    assert read(artifacts, "old") == b"old"
    assert [f.path for f in artifacts.list()] == ["old"]


def nearby(folder: Path) -> list[Path]:
    """What lies in and beside a test's folder, but for what servers write by themselves: databases and S3's files."""
    found = (path.relative_to(folder.parent) for path in folder.parent.rglob("*"))
    return sorted(
        path for path in found if not path.name.startswith("mlyard.db") and not path.parts[0].startswith("s30")
    )


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "..%2fx", "%252e%252e/x", "a\\b", "a\0b", ""])
def test_paths_that_leave_the_root_are_refused_everywhere(artifacts: ArtifactStore, path: str, tmp_path: Path) -> None:
    before = nearby(tmp_path)
    for attempt in (
        lambda: artifacts.put(path, [b"pwned"]),
        lambda: read(artifacts, path),
        lambda: artifacts.delete(path),
    ):
        with pytest.raises(InvalidParameter):
            attempt()
    assert nearby(tmp_path) == before


def test_trees_go_there_and_back(artifacts: ArtifactStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "a").write_bytes(b"a" * 3_000_000)
    (source / "sub" / "b").write_bytes(b"b")
    upload(artifacts, source, "tree")
    back = download(artifacts, "tree", tmp_path / "back")
    assert {p.relative_to(back).as_posix(): p.read_bytes() for p in back.rglob("*") if p.is_file()} == {
        "a": b"a" * 3_000_000,
        "sub/b": b"b",
    }
    assert download(artifacts, "tree/sub/b", tmp_path / "one").read_bytes() == b"b"
    with pytest.raises(DoesNotExist):
        download(artifacts, "nothing", tmp_path / "none")


def test_links_out_of_a_local_root_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("s")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "nowhere").symlink_to(root / "missing")
    store = LocalArtifactStore(root)
    assert store.list() == []
    with pytest.raises(InvalidParameter, match="leads out"):
        read(store, "link/key")
    with pytest.raises(InvalidParameter, match="leads out"):
        store.put("link/new", [b"x"])
    with pytest.raises(InvalidParameter, match="leads out"):
        store.delete("link")
    assert sorted(p.name for p in (tmp_path / "secret").iterdir()) == ["key"]
    upload(LocalArtifactStore(tmp_path / "copy"), root)
    assert not (tmp_path / "copy").exists()


def test_a_link_that_takes_a_folders_place_meanwhile_leads_nowhere(tmp_path: Path) -> None:
    """Somebody on the server's machine swaps a folder for a link, over and over, between each look and each use."""
    secret, root = tmp_path / "secret", tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    secret.mkdir()
    (secret / "key").write_text("s")
    store, over = LocalArtifactStore(root, durable=False), threading.Event()

    def swap() -> None:
        while not over.is_set():
            with suppress(OSError):  # a put made the folder or a file in it at this moment
                shutil.rmtree(root / "folder")
                (root / "folder").symlink_to(secret)
                (root / "folder").unlink()
            with suppress(OSError):
                (root / "folder").mkdir()

    swapping = threading.Thread(target=swap)
    swapping.start()
    outcomes = set()
    try:
        for _ in range(3000):
            for attempt in (
                lambda: store.put("folder/key", b"pwned"),
                lambda: read(store, "folder/key"),
                lambda: store.delete("folder/key"),
            ):
                try:
                    outcomes.add(attempt())
                except MlyardError as error:
                    outcomes.add(error.error_code)
    finally:
        over.set()
        swapping.join()
    assert {p.name: p.read_text() for p in secret.iterdir()} == {"key": "s"}
    assert b"s" not in outcomes
    assert b"pwned" in outcomes, "the folder was never there: nothing was tried"


def test_chunks_that_end_in_an_error_leave_nothing(artifacts: ArtifactStore) -> None:
    def failing() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 1_000_000
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        artifacts.put("large", failing())
    assert artifacts.list() == []
    assert list(artifacts.unfinished()) == []
