"""Zip files: what is unpacked, and what is refused as a whole."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from mlyard.core.errors import InvalidParameter
from mlyard.projects import archives
from mlyard.projects.archives import unpack

Entries = list[tuple[str, str, int]]


def archive(folder: Path, entries: Entries) -> Path:
    """A zip file with entries as they are given: name, content, mode."""
    place = folder / "project.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content, mode in entries:
            info = zipfile.ZipInfo("x")
            info.filename, info.external_attr = name, mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return place


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "a" / "b" / "target"
    folder.mkdir(parents=True)
    return folder


def test_files_folders_and_what_can_be_executed(tmp_path: Path, target: Path) -> None:
    entries = [("sub/", "", stat.S_IFDIR | 0o755), ("sub/run.sh", "echo", stat.S_IFREG | 0o755), ("a.py", "1", 0)]
    unpack(archive(tmp_path, entries), target, "p")
    assert (target / "a.py").read_text() == "1"
    assert (target / "sub" / "run.sh").stat().st_mode & 0o777 == 0o700
    assert not (target / "a.py").stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("../x", 0), ("a/../../x", 0), ("/x", 0), ("a//x", 0), ("./x", 0), ("a/./x", 0), ("a\\..\\x", 0), ("C:/x", 0),
        ("C:x", 0), ("a\nb", 0), ("..", 0), ("", 0), ("x" * 300, 0),
        ("link", stat.S_IFLNK | 0o777), ("pipe", stat.S_IFIFO | 0o644), ("device", stat.S_IFCHR | 0o644),
        ("folder/", stat.S_IFLNK | 0o777),
    ],
)  # fmt: skip
def test_entries_that_are_refused(tmp_path: Path, target: Path, name: str, mode: int) -> None:
    place = archive(tmp_path, [("fine.py", "1", 0), (name, "/etc/passwd", mode)])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InvalidParameter, match="is refused"):
        unpack(place, target, "p")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_name_that_is_cut_at_a_nul_is_refused(tmp_path: Path, target: Path) -> None:
    place = archive(tmp_path, [("fine.pyXtail", "1", 0)])
    place.write_bytes(place.read_bytes().replace(b"fine.pyX", b"fine.py\0"))
    with pytest.raises(InvalidParameter, match="is refused"):
        unpack(place, target, "p")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [("a", "a"), ("a", "A"), ("a", "a/")])
def test_a_name_that_occurs_twice_is_refused(tmp_path: Path, target: Path, names: tuple[str, str]) -> None:
    with pytest.raises(InvalidParameter, match="occurs twice"):
        unpack(archive(tmp_path, [(name, "", 0) for name in names]), target, "p")


def test_a_file_that_is_also_a_folder_is_refused(tmp_path: Path, target: Path) -> None:
    with pytest.raises(InvalidParameter, match="'a'"):
        unpack(archive(tmp_path, [("a", "1", 0), ("a/b", "2", 0)]), target, "p")


def test_bombs_are_refused(tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 10_000)
    monkeypatch.setattr(archives, "MAX_ENTRIES", 10)
    with pytest.raises(InvalidParameter, match="unpacks to more"):
        unpack(archive(tmp_path, [("a", "0" * 6000, 0), ("b", "0" * 6000, 0)]), target, "p")
    with pytest.raises(InvalidParameter, match="unpacks to more"):
        unpack(archive(tmp_path, [(str(number), "", 0) for number in range(11)]), target, "p")
    assert list(target.iterdir()) == []


def test_a_bomb_that_lies_about_its_size_is_refused(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 10_000)
    place = archive(tmp_path, [("a", "0" * 60_000, 0)])
    place.write_bytes(place.read_bytes().replace((60_000).to_bytes(4, "little"), (60).to_bytes(4, "little")))
    with pytest.raises(InvalidParameter):
        unpack(place, target, "p")
    assert sum(file.stat().st_size for file in target.rglob("*")) <= 10_000


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip file"])
def test_what_is_not_a_zip_file(tmp_path: Path, target: Path, content: bytes) -> None:
    place = tmp_path / "project.zip"
    place.write_bytes(content)
    with pytest.raises(InvalidParameter, match="not a zip file that can be read"):
        unpack(place, target, "p")


def test_a_damaged_zip_file(tmp_path: Path, target: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as opened:
        opened.writestr("a", "content" * 10)
    place = tmp_path / "project.zip"
    place.write_bytes(whole.getvalue().replace(b"contentcontent", b"contentCONTENT", 1))
    with pytest.raises(InvalidParameter, match="not a zip file that can be read"):
        unpack(place, target, "p")


def test_an_encrypted_entry_is_refused(tmp_path: Path, target: Path) -> None:
    place = archive(tmp_path, [("a", "1", 0)])
    content = bytearray(place.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    place.write_bytes(content)
    with pytest.raises(InvalidParameter, match="is encrypted"):
        unpack(place, target, "p")
