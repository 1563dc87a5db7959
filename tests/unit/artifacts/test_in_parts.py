"""Uploads in parts: 10,000 parts are enough for the largest object of S3, and every part is one that S3 accepts."""

from __future__ import annotations

from itertools import accumulate, islice

import pytest

from mlyard.artifacts.in_parts import AT_ONCE, MAX_PARTS, part_sizes, send_in_parts
from mlyard.core.errors import InvalidParameter

MEBIBYTE, GIBIBYTE, TEBIBYTE = 2**20, 2**30, 2**40


def test_ten_thousand_parts_hold_the_largest_object_and_each_is_accepted() -> None:
    sizes = list(islice(part_sizes(), MAX_PARTS))
    assert len(sizes) == 10_000
    assert sum(sizes) >= 5 * TEBIBYTE
    assert sizes == sorted(sizes)
    assert sizes[0] >= 5 * MEBIBYTE
    assert sizes[-1] <= 1.5 * GIBIBYTE


@pytest.mark.parametrize("gibibytes", [1, 75, 80, 880, 1024, 2048, 5120])
def test_a_part_is_small_beside_what_was_sent_before(gibibytes: int) -> None:
    ends = list(accumulate(islice(part_sizes(), MAX_PARTS)))
    sizes = list(islice(part_sizes(), MAX_PARTS))
    number = next(n for n, end in enumerate(ends) if end >= gibibytes * GIBIBYTE)
    assert sizes[number] <= max(16 * MEBIBYTE, gibibytes * GIBIBYTE // 200)


@pytest.mark.parametrize("size", [0, 1, 4, 5, 999, 1000, 1001, 3999, 4000, 4003, 4004, 340_000 - 1])
def test_content_of_every_size_is_sent_whole(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    stored = bytearray(size)

    def put(number: int, start: int, block: bytes) -> str:
        stored[start : start + len(block)] = block
        return f"{number}-{len(block)}"

    chunks = (content[start : min(start + 700, size)] for start in range(0, size, 700))
    tags = send_in_parts(chunks, put, first=1)
    assert bytes(stored) == content[:size]
    assert list(tags) == list(range(1, len(tags) + 1))
    sizes = [int(tags[number].split("-")[1]) for number in tags]
    assert sizes[:-1] == list(islice(part_sizes(1), max(0, len(tags) - 1)))
    assert len(tags) <= MAX_PARTS


def test_content_that_needs_more_parts_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="10000 parts: split it"):
        send_in_parts([bytes(340_001)], lambda number, _start, _block: str(number), first=1)


def test_an_error_of_a_part_is_raised_and_no_more_are_sent_than_at_once() -> None:
    sent: list[int] = []

    def put(number: int, _start: int, _block: bytes) -> str:
        sent.append(number)
        raise OSError(number)

    with pytest.raises(OSError, match=r"^1$"):
        send_in_parts([b"x" * 100], put, first=1)
    assert len(sent) <= AT_ONCE
