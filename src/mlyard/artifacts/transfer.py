"""Transfers files and folders between this machine and an artifact store: parallel, resumable, with checksums."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from mlyard.artifacts.content import CHUNK, chunks_of
from mlyard.artifacts.local import LocalArtifactStore
from mlyard.artifacts.manifest import Entry, Recorder
from mlyard.artifacts.paths import check_file_path
from mlyard.artifacts.progress import Progress
from mlyard.core import settings
from mlyard.core.errors import DataLoss, DoesNotExist, InvalidParameter, NotSupported, TemporarilyUnavailable
from mlyard.domain.artifacts import FileInfo, is_reserved
from mlyard.ports.artifacts import ArtifactStore, Content
from mlyard.transport import retry

T = TypeVar("T")
_THREADS = 8
_TRIES = 5
# 128 files of 64 kB, with their names, stay below the 16 MB that a bundle may have.
_SMALL, _GROUP, _MANY = 64 * 1024, 128, 16
_WORTH_A_THREAD = 256 * 1024


def upload(store: ArtifactStore, local: Path, folder: str = "", recorder: Recorder | None = None) -> None:
    """Put a file, or the content of a folder, below ``folder``. Links that lead out of the folder are not followed."""
    if local.is_dir():
        files = [(file, _joined(folder, file.relative_to(local).as_posix())) for file in _files(local)]
    elif local.is_file():
        files = [(local, _joined(folder, local.name))]
    else:
        raise InvalidParameter(f"There is no file or folder at {str(local)!r} to log.")
    recorder = recorder or Recorder()
    size = sum(file.stat().st_size for file, _ in files)
    with Progress("Uploading", len(files), size) as progress:

        def put_one(pair: tuple[Path, str]) -> None:
            _put(store, pair[1], pair[0], recorder, progress)
            progress.file_done()

        with recorder.writing(store):
            rest = _bundled(store, files, recorder, progress)
            _each(put_one, rest)


def _bundled(
    store: ArtifactStore, files: list[tuple[Path, str]], recorder: Recorder, progress: Progress
) -> list[tuple[Path, str]]:
    """Put small files in bundles, if there are many and the store accepts bundles; returns the files still to put."""
    small: list[tuple[Path, str]] = []
    large: list[tuple[Path, str]] = []
    for pair in files:
        (small if pair[0].stat().st_size <= _SMALL else large).append(pair)
    if store.bundles is None or len(small) < _MANY:
        return files
    put_many = store.bundles.put_many

    def send(group: list[tuple[Path, str]]) -> None:
        contents = {path: file.read_bytes() for file, path in group}
        put_many(contents)
        for path, content in contents.items():
            recorder.add(path, len(content), hashlib.sha256(content).hexdigest())
            progress.advance(len(content))
            progress.file_done()

    groups = [small[first : first + _GROUP] for first in range(0, len(small), _GROUP)]
    try:
        _each(send, groups)
    except NotSupported:
        return files
    return large


def put(store: ArtifactStore, path: str, content: Content, recorder: Recorder) -> None:
    """Put one file and its entry in the manifest."""
    with recorder.writing(store):
        _put(store, check_file_path(path), content, recorder, None)


def delete(store: ArtifactStore, path: str, recorder: Recorder) -> None:
    """Remove a file or a folder, and its entries in the manifest. Raises DoesNotExist."""
    plain = check_file_path(path)
    gone = [plain, *(file.path for file in _walk(store, plain))]
    store.delete(plain)
    with recorder.writing(store):
        for each in gone:
            recorder.add(each, 0, "")


def download(store: ArtifactStore, path: str, destination: Path, entries: Mapping[str, Entry] | None = None) -> Path:
    """Download a file or a folder below ``destination``; returns its path there.

    Raises DoesNotExist, and DataLoss when the checksum of a file differs from its manifest entry.
    """
    known, there = entries or {}, LocalArtifactStore(destination, durable=False)
    target = destination / path
    found = list(_walk(store, path))
    if not found:
        if not path:
            raise DoesNotExist("There are no artifacts here.")
        with Progress("Downloading", 1, 0) as progress:
            _fetch(store, FileInfo(path=check_file_path(path), is_dir=False), there, known, progress)
        return target
    target.mkdir(parents=True, exist_ok=True)
    with Progress("Downloading", len(found), sum(f.file_size or 0 for f in found)) as progress:
        _each(lambda file: _fetch(store, file, there, known, progress), found)
    return target


def verify(store: ArtifactStore, entries: Mapping[str, Entry]) -> dict[str, str]:
    """The state of each file, by path: ``ok``, ``changed``, ``missing``, or ``unlisted`` (logged by another client)."""
    found = {file.path: file for file in _walk(store, "")}
    known = [entry for path, entry in sorted(entries.items()) if path in found]
    states = dict.fromkeys(sorted(found.keys() - entries.keys()), "unlisted")
    states |= dict.fromkeys(sorted(entries.keys() - found.keys()), "missing")
    with Progress("Checking", len(known), sum(entry.size for entry in known)) as progress:

        def check(entry: Entry) -> None:
            digest = hashlib.sha256()
            for chunk in _resumed(store, entry.path):
                digest.update(chunk)
                progress.advance(len(chunk))
            states[entry.path] = "ok" if digest.hexdigest() == entry.sha256 else "changed"
            progress.file_done()

        _each(check, known)
    return dict(sorted(states.items()))


def _each(work: Callable[[T], None], items: list[T]) -> None:
    """Call ``work`` for all items, several at a time; raises the first error and cancels the rest."""
    if len(items) < 2:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(min(_THREADS, len(items)), "mlyard-transfer") as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _put(store: ArtifactStore, path: str, content: Content, recorder: Recorder, progress: Progress | None) -> None:
    """Put one file. An interrupted upload of a file or of bytes is retried; an iterator can be read only once."""
    tries = _TRIES if isinstance(content, (Path, bytes)) else 1
    for left in range(tries - 1, -1, -1):
        counted = _Counted(progress)
        try:
            small = isinstance(content, Path) and content.stat().st_size <= CHUNK
            whole = content.read_bytes() if small and isinstance(content, Path) else content
            store.put(path, counted.whole(whole) if isinstance(whole, bytes) else counted.chunks(chunks_of(whole)))
        except TemporarilyUnavailable:
            if not left:
                raise
            time.sleep(retry.pause(tries - left))
        else:
            recorder.add(path, counted.size, counted.sha256())
            return


class _Counted:
    """Computes the size and SHA-256 of what passes through."""

    def __init__(self, progress: Progress | None) -> None:
        self.size = 0
        self._digest = hashlib.sha256()
        self._progress = progress

    def sha256(self) -> str:
        return self._digest.hexdigest()

    def whole(self, content: bytes) -> bytes:
        self._digest.update(content)
        self._count(len(content))
        return content

    def chunks(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in _hashed(chunks, self._digest.update):
            self._count(len(chunk))
            yield chunk

    def _count(self, size: int) -> None:
        self.size += size
        if self._progress:
            self._progress.advance(size)


def _hashed(chunks: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    """Pass on chunks; a separate thread hashes the large ones while the consumer works on them."""
    with ThreadPoolExecutor(1, "mlyard-hash") as pool:
        last: Future[None] | None = None
        for chunk in chunks:
            if last:
                last.result()
            last = pool.submit(update, chunk) if len(chunk) >= _WORTH_A_THREAD else None
            if last is None:
                update(chunk)
            yield chunk


def _fetch(
    store: ArtifactStore, file: FileInfo, there: ArtifactStore, entries: Mapping[str, Entry], progress: Progress
) -> None:
    """Download a file, which appears under its name only when it is complete and its checksum is right."""
    entry = entries.get(file.path) if settings.VERIFY_ARTIFACTS.get() else None
    content = _checked(_resumed(store, file.path), entry, progress)
    there.put(file.path, content)
    progress.file_done()


def _checked(chunks: Iterable[bytes], entry: Entry | None, progress: Progress) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for chunk in _hashed(chunks, digest.update) if entry else chunks:
        progress.advance(len(chunk))
        yield chunk
    if entry and digest.hexdigest() != entry.sha256:
        raise DataLoss(
            f"The artifact {entry.path!r} differs from the file that was logged: its SHA-256 is "
            f"{digest.hexdigest()}, and was {entry.sha256}. If another client changed it on purpose, set "
            "MLYARD_VERIFY_ARTIFACTS=0."
        )


def _resumed(store: ArtifactStore, path: str) -> Iterator[bytes]:
    """The content of a file. After an interruption, only the rest is requested."""
    done, failures = 0, 0
    while True:
        try:
            with store.open(path, done) as artifact:
                for chunk in artifact.chunks:
                    done, failures = done + len(chunk), 0
                    yield chunk
            _check_end(path, done, artifact.size)
        except TemporarilyUnavailable:
            failures += 1
            if failures >= _TRIES:
                raise
            time.sleep(retry.pause(failures))
        else:
            return


def _check_end(path: str, done: int, size: int | None) -> None:
    if size is not None and done < size:
        raise TemporarilyUnavailable(f"The download of {path!r} ended after {done} of {size} bytes. Try again.")


def _walk(store: ArtifactStore, path: str) -> Iterator[FileInfo]:
    for info in store.list(path):
        plain = check_file_path(info.path)
        if is_reserved(plain):
            continue
        if info.is_dir:
            yield from _walk(store, plain)
        else:
            yield info


def _files(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(parent, name)
            if file.resolve().is_relative_to(root) and file.is_file():
                yield file


def _joined(folder: str, path: str) -> str:
    return "/".join(part for part in (folder.strip("/"), path) if part)
