"""Environments on disk, by what they contain. Each is made once, under a lock, and used only when it is complete."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from mlyard.core import settings
from mlyard.core.locks import exclusive
from mlyard.core.waiting import waiting

_DONE, _USED = ".mlyard-done", ".mlyard-used"
_PREFIX = "mlyard-"


class Cached(msgspec.Struct, frozen=True, kw_only=True):
    """An environment in the cache. ``used``: seconds since the epoch. ``purpose``: what last used it."""

    place: Path
    is_complete: bool
    used: float
    purpose: str


def root() -> Path:
    """The folder of all environments, created if necessary."""
    folder = Path(settings.ENV_ROOT.get()).expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def cached(key: str, make: Callable[[Path], None], purpose: str = "") -> Path:
    """The folder of the environment with this key. ``make`` creates it if it does not exist.

    A failure leaves nothing behind. Other processes that need the same environment wait.
    """
    place = root() / f"{_PREFIX}{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    _note(place, purpose)  # before the check, so that `remove` does not delete the environment between the two
    if not (place / _DONE).is_file():
        with waiting("Creating the environment"), exclusive(_lock_of(place)):
            _complete(place, make)
            _note(place, purpose)
    return place


def _complete(place: Path, make: Callable[[Path], None]) -> None:
    if (place / _DONE).is_file():
        return  # another process created it in the meantime
    shutil.rmtree(place, ignore_errors=True)  # the remains of a killed process
    try:
        make(place)
        (place / _DONE).touch()
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _note(place: Path, purpose: str) -> None:
    if (place / _DONE).is_file():
        with suppress(FileNotFoundError):  # it was removed this instant
            (place / _USED).write_text(purpose, encoding="utf-8")


def listed() -> list[Cached]:
    """All environments, the last used first."""
    places = (place for place in root().glob(f"{_PREFIX}*") if place.is_dir())
    return sorted(map(_read, places), key=lambda each: -each.used)


def _read(place: Path) -> Cached:
    note = place / _USED
    known = note if note.is_file() else place
    return Cached(
        place=place,
        is_complete=(place / _DONE).is_file(),
        used=known.stat().st_mtime,
        purpose=note.read_text(encoding="utf-8") if note.is_file() else "",
    )


def size_of(place: Path) -> int:
    """The bytes of an environment on disk. A file that has several names in it counts once."""
    files = (file.lstat() for file in place.rglob("*"))
    return sum({(each.st_dev, each.st_ino): each.st_blocks * 512 for each in files}.values())


def remove(place: Path, unused_for: float = 0.0) -> bool:
    """Delete an environment. False: it is being made, or was used in the last ``unused_for`` seconds."""
    try:
        with exclusive(_lock_of(place), wait=False):
            if time.time() - _read(place).used < unused_for:
                return False
            (place / _DONE).unlink(missing_ok=True)
            shutil.rmtree(place)
            return True
    except BlockingIOError:
        return False


def _lock_of(place: Path) -> Path:
    return place.with_name(f"{place.name}.lock")
