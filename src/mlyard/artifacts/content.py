"""The content of files, in chunks that fit in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from mlyard.core.errors import InvalidParameter, TemporarilyUnavailable
from mlyard.ports.artifacts import Content

CHUNK = 1024 * 1024


def chunks_of(content: Content) -> Iterable[bytes]:
    """A file's content in chunks."""
    if isinstance(content, Path):
        return _file(content)
    return (content,) if isinstance(content, bytes) else content


def whole_or_chunks(content: Content, limit: int) -> tuple[bytes | None, Iterable[bytes]]:
    """Content of at most ``limit`` bytes as a whole; larger content as None and its non-empty chunks."""
    if isinstance(content, Path):
        return (content.read_bytes(), ()) if content.stat().st_size <= limit else (None, _file(content))
    if isinstance(content, bytes):
        return (content, ()) if len(content) <= limit else (None, (content,))
    chunks, size, head = iter(content), 0, []
    for chunk in chunks:
        head.append(chunk)
        size += len(chunk)
        if size > limit:
            return None, _prepended(head, chunks)
    return b"".join(head), ()


def blocks_of(chunks: Iterable[bytes], sizes: Iterable[int]) -> Iterator[bytes]:
    """Regroup chunks into blocks of the given sizes in bytes; the last block may be smaller."""
    remaining_sizes = iter(sizes)
    size, block = next(remaining_sizes), bytearray()
    for chunk in chunks:
        rest = memoryview(chunk)
        while len(block) + len(rest) >= size:
            taken = size - len(block)
            block += rest[:taken]
            yield bytes(block)
            rest, block, size = rest[taken:], bytearray(), next(remaining_sizes)
        block += rest
    if block:
        yield bytes(block)


def exactly(chunks: Iterable[bytes], size: int, what: str) -> Iterator[bytes]:
    """Pass on chunks of ``size`` bytes in total. Raises TemporarilyUnavailable for fewer, InvalidParameter for more."""
    done = 0
    for chunk in chunks:
        done += len(chunk)
        if done > size:
            raise InvalidParameter(f"{what} is larger than the {size} bytes that were announced.")
        yield chunk
    if done < size:
        raise TemporarilyUnavailable(f"{what} ended after {done} of {size} bytes. Try again.")


def _file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from iter(lambda: stream.read(CHUNK), b"")


def _prepended(head: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks that were already read, then the rest."""
    yield from filter(None, head)
    head.clear()
    yield from filter(None, rest)
