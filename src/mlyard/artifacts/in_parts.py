"""Sends content of unknown size in parts, several at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from mlyard.artifacts.content import blocks_of
from mlyard.core.errors import InvalidParameter

PART = 16 * 1024 * 1024
"""Bytes in each of the first 1,000 parts."""

MAX_PARTS = 10_000
"""The most parts of an object in S3."""

AT_ONCE = 4
"""Parts sent at the same time, each on its own connection."""

_STEP = MAX_PARTS // 10


def part_sizes(first: int = PART) -> Iterator[int]:
    """The sizes of the parts in bytes, larger after every 1,000 parts.

    Raises InvalidParameter after the last part. With parts of 16 MiB at first, 10,000 parts hold 5 TiB, the largest
    object of S3, and none has more than 1.5 GiB.
    """
    for number in range(MAX_PARTS):
        step = number // _STEP
        yield first * (1 + step + step * step)
    raise InvalidParameter(f"The content does not fit in {MAX_PARTS} parts: split it into several files.")


def send_in_parts(
    chunks: Iterable[bytes], put: Callable[[int, int, bytes], str], first: int = PART, at_once: int = AT_ONCE
) -> dict[int, str]:
    """Send all parts; returns the tag of each by its number.

    ``put`` sends one part, given its number (from 1), its offset and its content, and returns its tag. Each part is
    kept in memory until it is sent.
    """
    tags: dict[int, str] = {}
    start, waiting = 0, deque[tuple[int, Future[str]]]()
    with ThreadPoolExecutor(at_once, "mlyard-parts") as pool:
        for number, block in enumerate(blocks_of(chunks, part_sizes(first)), start=1):
            if len(waiting) == at_once:
                oldest, sent = waiting.popleft()
                tags[oldest] = sent.result()
            waiting.append((number, pool.submit(put, number, start, block)))
            start += len(block)
        return tags | {number: sent.result() for number, sent in waiting}
