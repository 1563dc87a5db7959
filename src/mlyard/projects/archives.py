"""Unpacks zip files that may be hostile: nothing is written outside the folder, and the size is limited."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from mlyard.core.errors import InvalidParameter

MAX_BYTES = 2 * 1024**3
MAX_ENTRIES = 50_000
_PIECE = 1024 * 1024
_STEP = re.compile(r"[^\x00-\x1f\\:]{1,255}")


def unpack(archive: Path, folder: Path, shown: str) -> None:
    """Unpack a zip file into an empty folder.

    Raises InvalidParameter if it is broken or encrypted, if an entry is a link, has a name that leads elsewhere or
    occurs twice, or if the content is larger than MAX_BYTES. All entries are checked before the first file is written.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = list(_checked(opened, shown))
            _write(opened, entries, folder, shown)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise InvalidParameter(f"The project {shown!r} is not a zip file that can be read: {error}") from None
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        name = str(Path(error.filename).relative_to(folder))
        raise InvalidParameter(
            f"The project {shown!r} is refused: its entry {name!r} is both file and folder."
        ) from None


def _checked(opened: zipfile.ZipFile, shown: str) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    entries = opened.infolist()
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise _too_large(shown)
    seen: set[str] = set()
    for entry in entries:
        # zipfile replaces or cuts some characters of the name, so the name as it is written is checked.
        path = entry.orig_filename.rstrip("/")
        reason = _reason_against(entry, path, seen)
        if reason:
            raise InvalidParameter(f"The project {shown!r} is refused: its entry {path[:100]!r} {reason}.")
        seen.add(path.lower())
        yield entry, path


def _reason_against(entry: zipfile.ZipInfo, path: str, seen: set[str]) -> str | None:
    steps = path.split("/")
    if any(step in {".", ".."} or not _STEP.fullmatch(step) for step in steps):
        return "has a name that is not a plain path below the archive's root"
    if path.lower() in seen:
        return "occurs twice"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or another special file"
    if entry.flag_bits & 1:
        return "is encrypted"
    return None


def _write(opened: zipfile.ZipFile, entries: list[tuple[zipfile.ZipInfo, str]], folder: Path, shown: str) -> None:
    left = MAX_BYTES
    for entry, path in entries:
        place = folder / path
        if entry.orig_filename.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        left -= _write_file(opened, entry, place, left, shown)


def _write_file(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path, left: int, shown: str) -> int:
    """Write one entry and return its size, which is counted: what the archive says of it may be wrong."""
    written = 0
    with opened.open(entry) as source, place.open("xb") as target:
        while piece := source.read(_PIECE):
            written += len(piece)
            if written > left:
                raise _too_large(shown)
            target.write(piece)
    if entry.external_attr >> 16 & stat.S_IXUSR:
        place.chmod(0o700)
    return written


def _too_large(shown: str) -> InvalidParameter:
    return InvalidParameter(
        f"The project {shown!r} is refused: it unpacks to more than {MAX_ENTRIES} entries or {MAX_BYTES >> 30} GiB."
    )
