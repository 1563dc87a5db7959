"""Packs a piece of a history column by column: steps, timestamps and values.

Neighbouring steps and timestamps differ by the same or by small amounts, so their differences are kept, in as few
bytes as the largest needs. The bytes of values are grouped by their place in the number: sign and exponent vary
little, and numbers that were once 32 bits wide end in zeros, so both shrink when they lie side by side.

A packed piece is the format's version, the number of points, and for each column its encoding, its length in bytes
and its bytes. All numbers are little-endian.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from mlyard.stores.sql.history.points import Point

_VERSION = 1
_HEADER = struct.Struct("<BI")
_COLUMN = struct.Struct("<BI")
_STRIDE = struct.Struct("<qq")
_FIRST = struct.Struct("<qc")
_EVEN, _DIFFERENCES, _BYTES = range(3)
_WIDTHS = ((2**7, "b"), (2**15, "h"), (2**31, "i"), (2**63, "q"))
_WORD = 8
_FASTEST = 1


class Columns(NamedTuple):
    """Points as columns of equal length."""

    steps: array[int]
    timestamps: array[int]
    values: array[float]

    def points(self) -> Iterable[Point]:
        """The points, one by one."""
        return zip(self.steps, self.timestamps, self.values, strict=True)

    def part(self, start: int, end: int | None = None) -> Columns:
        """The points from number ``start`` up to, but not including, number ``end``."""
        return Columns(self.steps[start:end], self.timestamps[start:end], self.values[start:end])


def columns_of(points: Sequence[Point]) -> Columns:
    """Points as columns."""
    steps, timestamps, values = zip(*points, strict=True) if points else ((), (), ())
    return Columns(array("q", steps), array("q", timestamps), array("d", values))


def joined(parts: Iterable[Columns]) -> Columns:
    """The points of all parts, one after the other."""
    whole = columns_of(())
    for part in parts:
        whole.steps.extend(part.steps)
        whole.timestamps.extend(part.timestamps)
        whole.values.extend(part.values)
    return whole


def pack(columns: Columns) -> bytes:
    """Pack at least one point."""
    parts = [_HEADER.pack(_VERSION, len(columns.values))]
    for encoding, data in (*map(_pack_integers, columns[:2]), (_BYTES, _pack_words(columns.values))):
        parts += [_COLUMN.pack(encoding, len(data)), data]
    return b"".join(parts)


def unpack(packed: bytes) -> Columns:
    """Undo ``pack``."""
    _, count = _HEADER.unpack_from(packed)
    start, found = _HEADER.size, []
    for typecode in "qqd":
        encoding, length = _COLUMN.unpack_from(packed, start)
        start += _COLUMN.size
        found.append(_UNPACK[encoding](packed[start : start + length], count, typecode))
        start += length
    return Columns(*found)


def _pack_integers(numbers: array[int]) -> tuple[int, bytes]:
    differences = [after - before for before, after in pairwise(numbers)]
    low, high = min(differences, default=0), max(differences, default=0)
    if -(2**63) <= low == high < 2**63:
        return _EVEN, _STRIDE.pack(numbers[0], low)
    typecode = next((code for limit, code in _WIDTHS if -limit <= low and high < limit), None)
    if typecode is None:
        return _BYTES, _pack_words(numbers)
    narrow = _little_endian(array(typecode, differences))
    return _DIFFERENCES, _FIRST.pack(numbers[0], typecode.encode()) + zlib.compress(narrow.tobytes(), _FASTEST)


def _pack_words(numbers: array[Any]) -> bytes:
    data = _little_endian(numbers).tobytes()
    return zlib.compress(b"".join(data[place::_WORD] for place in range(_WORD)), _FASTEST)


def _unpack_even(data: bytes, count: int, _typecode: str) -> array[int]:
    first, stride = _STRIDE.unpack(data)
    return array("q", range(first, first + count * stride, stride)) if stride else array("q", [first]) * count


def _unpack_differences(data: bytes, _count: int, _typecode: str) -> array[int]:
    first, typecode = _FIRST.unpack_from(data)
    differences = array(typecode.decode(), zlib.decompress(memoryview(data)[_FIRST.size :]))
    return array("q", accumulate(_little_endian(differences), initial=first))


def _unpack_words(data: bytes, count: int, typecode: str) -> array[Any]:
    grouped = zlib.decompress(data)
    words = bytearray(len(grouped))
    for place in range(_WORD):
        words[place::_WORD] = grouped[place * count : (place + 1) * count]
    return _little_endian(array(typecode, bytes(words)))


_UNPACK: Mapping[int, Callable[[bytes, int, str], array[Any]]] = {
    _EVEN: _unpack_even,
    _DIFFERENCES: _unpack_differences,
    _BYTES: _unpack_words,
}


def _little_endian(numbers: array[Any]) -> array[Any]:
    """The same numbers with their bytes swapped where the machine keeps them the other way round."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers
