"""The file of an SQLite database: it is made for its owner alone, and it is noticed when another takes its place.

An open connection goes on with the file that it has opened, even if that has no name any more: what is written there
is lost. And the log beside it (``-wal``) would be applied to the file that has the name next.
"""

from __future__ import annotations

from pathlib import Path

from mlyard.core.errors import InvalidParameter, TemporarilyUnavailable
from mlyard.stores.sql.failures import Restored

_Identity = tuple[int, int] | None


class SqliteFile:
    """One database's file, as its connections have opened it."""

    def __init__(self, path: Path) -> None:
        """Raises InvalidParameter if the file cannot be made."""
        self._path = path.absolute()  # which may be a link, and another one later
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)  # SQLite would create a file that everybody can read
        except OSError as error:
            raise InvalidParameter(
                f"Cannot create the database's folder {self._path.parent}: {error.strerror}"
            ) from None
        self._opened = _identity(self._path)
        self._place = self._path.resolve()
        self._log: _Identity = None

    def connected(self) -> None:
        """A connection was opened: the log that is there now is the one of this file."""
        self._log = _identity(self._beside("-wal"))

    def check(self) -> None:
        """Check that the file is still there. Raises Restored if it is another one, TemporarilyUnavailable if none."""
        found = _identity(self._path)
        if found is None:
            raise TemporarilyUnavailable(f"The database's file {self._path} is missing. Is it being restored?")
        if found != self._opened:
            raise Restored

    def accept(self) -> None:
        """Go on with the file that is there now. The log of the file before it is put aside."""
        before, self._opened = self._opened, _identity(self._path)
        place, self._place = self._place, self._path.resolve()
        if before == self._opened or place != self._place:
            return  # the log belongs to the file that it lies beside
        if self._log is not None and _identity(self._beside("-wal")) == self._log:
            for ending in ("-wal", "-shm"):
                if self._beside(ending).exists():
                    self._beside(ending).rename(self._beside(f"{ending}-of-replaced"))

    def _beside(self, ending: str) -> Path:
        return Path(f"{self._place}{ending}")


def _identity(path: Path) -> _Identity:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
