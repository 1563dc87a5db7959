"""The manifest: path, size and SHA-256 of each file that our client logged, stored with the artifacts.

Each process writes its own segments, ``.mlyard/manifest/<random>.json`` below the artifact root, so that
processes that log to the same run do not overwrite each other. The newest entry of a path counts. Files logged
by other clients have no entry.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from mlyard.core.clock import now_ms
from mlyard.core.errors import DoesNotExist, InvalidState
from mlyard.core.forks import Own
from mlyard.domain.artifacts import RESERVED
from mlyard.ports.artifacts import ArtifactStore

FOLDER = f"{RESERVED}/manifest"
_ENTRIES = 500


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A logged file: size in bytes, SHA-256 in hex ('' if it was deleted), time in milliseconds."""

    path: str
    size: int
    sha256: str
    logged_at: int


def read(store: ArtifactStore, folder: str = "") -> Mapping[str, Entry]:
    """The entries of the manifest in a folder, by their path in the folder. Raises InvalidState if it is unreadable."""
    newest: dict[str, Entry] = {}
    for file in store.list(f"{folder}/{FOLDER}" if folder else FOLDER):
        for entry in _segment(store, file.path):
            if entry.path not in newest or newest[entry.path].logged_at <= entry.logged_at:
                newest[entry.path] = entry
    return {path: entry for path, entry in newest.items() if entry.sha256}


def _segment(store: ArtifactStore, path: str) -> list[Entry]:
    try:
        with store.open(path) as artifact:
            return msgspec.json.decode(b"".join(artifact.chunks), type=list[Entry])
    except DoesNotExist:
        return []
    except msgspec.MsgspecError as error:
        raise InvalidState(f"The manifest {path!r} of these artifacts cannot be read: {error}.") from None


class Recorder:
    """Writes this process's entries for one artifact root. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._segment = ""
        self._written = True

    def add(self, path: str, size: int, sha256: str) -> None:
        """Record a logged file in memory; ``write`` stores it."""
        with self._lock:
            if len(self._entries) >= _ENTRIES and self._written:
                self._entries, self._segment = {}, ""
            self._entries[path] = Entry(path, size, sha256, now_ms())
            self._written = False

    def write(self, store: ArtifactStore) -> None:
        """Store the entries that were added. Raises the store's errors."""
        with self._lock:
            if self._written:
                return
            self._segment = self._segment or f"{FOLDER}/{secrets.token_hex(8)}.json"
            store.put(self._segment, msgspec.json.encode(list(self._entries.values())))
            self._written = True

    @contextmanager
    def writing(self, store: ArtifactStore) -> Iterator[None]:
        """Store the entries at the end of the block, even if it fails."""
        try:
            yield
        finally:
            self.write(store)


_recorders: Own[dict[str, Recorder]] = Own(dict)


def recorder_of(uri: str) -> Recorder:
    """This process's recorder for the artifacts at a URI."""
    return _recorders.get().setdefault(uri, Recorder())  # atomic, so that threads need no lock
