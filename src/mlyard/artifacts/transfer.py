"""Whole files and folders, between this machine and an artifact store: in parallel, resumed, checked."""

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

T = TypeVar("T")
_THREADS = 8
_TRIES = 5
# Bundles stay below 16 MB: 128 files of 64 kB, with their names.
_SMALL, _GROUP, _MANY = 64 * 1024, 128, 16
_WORTH_A_THREAD = 256 * 1024


def upload(store: ArtifactStore, local: Path, folder: str = "", recorder: Recorder | None = None) -> None:
    """Put a file, or what is in a folder, below ``folder``. Links out of a folder are not followed."""
    if local.is_dir():
        files = [(file, _joined(folder, file.relative_to(local).as_posix())) for file in _files(local)]
    elif local.is_file():
        files = [(local, _joined(folder, local.name))]
    else:
        raise InvalidParameter(f"There is no file or folder at {str(local)!r} to log.")
    recorder = recorder or Recorder()
    size = sum(file.stat().st_size for file, _ in files)
    with Progress("Uploading", len(files), size) as progress:

        def one(pair: tuple[Path, str]) -> None:
            _put(store, pair[1], pair[0], recorder, progress)
            progress.file_done()

        with recorder.writing(store):
            rest = _bundled(store, files, recorder, progress)
            _each(one, rest)


def _bundled(
    store: ArtifactStore, files: list[tuple[Path, str]], recorder: Recorder, progress: Progress
) -> list[tuple[Path, str]]:
    """Put many small files in bundles, where the store takes them; the files that are left to put one by one."""
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
    """Bring a file or a folder below ``destination``; its place there.

    Raises DoesNotExist; DataLoss when a file is not the one that its entry tells of.
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
    """What became of each file, by path: ``ok``, ``changed``, ``missing``, or ``unlisted`` (of another client)."""
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
    """Do it for all, several at once; the first failure ends it."""
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
    """Chunks that can be read once go once; a file or bytes go again when the way breaks off."""
    tries = _TRIES if isinstance(content, (Path, bytes)) else 1
    for again in range(tries - 1, -1, -1):
        counted = _Counted(progress)
        try:
            small = isinstance(content, Path) and content.stat().st_size <= CHUNK
            whole = content.read_bytes() if small and isinstance(content, Path) else content
            store.put(path, counted.whole(whole) if isinstance(whole, bytes) else counted.chunks(chunks_of(whole)))
        except TemporarilyUnavailable:
            if not again:
                raise
            time.sleep(_pause(tries - again))
        else:
            recorder.add(path, counted.size, counted.sha256())
            return


class _Counted:
    """Size and SHA-256 of what passes."""

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
    """The chunks; a thread of its own hashes a large one while its taker works on it."""
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
    """The file appears under its name only when all of it has arrived, and is what was logged."""
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
            f"The artifact {entry.path!r} is not what was logged: its SHA-256 is {digest.hexdigest()}, and was "
            f"{entry.sha256}. If another client changed it on purpose, set MLYARD_VERIFY_ARTIFACTS=0."
        )


def _resumed(store: ArtifactStore, path: str) -> Iterator[bytes]:
    """All of a file; where the way breaks off, the rest is asked for."""
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
            time.sleep(_pause(failures))
        else:
            return


def _check_end(path: str, done: int, size: int | None) -> None:
    if size is not None and done < size:
        raise TemporarilyUnavailable(f"The download of {path!r} ended after {done} of {size} bytes. Try again.")


def _pause(failures: int) -> float:
    return float(min(5.0, 0.1 * 2**failures))


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
