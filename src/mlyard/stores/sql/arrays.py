"""Arrays of numbers as PostgreSQL reads them in binary: the driver would write each number as text.

The format is that of ``array_recv``: the number of dimensions, whether there are NULLs, the type of the elements, their
number and the first index; then each element with its length in bytes before it. All numbers are big-endian.
https://github.com/postgres/postgres/blob/REL_15_STABLE/src/backend/utils/adt/arrayfuncs.c
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Sequence
from typing import Any

_HEADER = struct.Struct(">iiiii")
_LENGTH, _WIDTH = 4, 8
_ELEMENT = _LENGTH + _WIDTH
# The types of PostgreSQL: https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat
_INT8, _INT8_ARRAY, _FLOAT8, _FLOAT8_ARRAY = 20, 1016, 701, 1022


class _Integers(bytes):
    """A packed array of bigint."""


class _Floats(bytes):
    """A packed array of double precision."""


def integers(values: Sequence[Any]) -> Any:
    """The values as an array of bigint; as a list if they are not all integers of 64 bits."""
    try:
        return _Integers(_packed(array("q", values), _INT8))
    except (TypeError, OverflowError):
        return list(values)


def floats(values: Sequence[Any]) -> Any:
    """The values as an array of double precision; as a list if they are not all numbers."""
    try:
        return _Floats(_packed(array("d", values), _FLOAT8))
    except TypeError:
        return list(values)


def register(driver: Any) -> None:
    """Let a connection of psycopg send these arrays."""
    from psycopg.adapt import Dumper
    from psycopg.pq import Format

    class Packed(Dumper):
        format = Format.BINARY

        def dump(self, obj: Any) -> Any:
            return bytes(obj)

    for kind, oid in ((_Integers, _INT8_ARRAY), (_Floats, _FLOAT8_ARRAY)):
        driver.adapters.register_dumper(kind, type(kind.__name__, (Packed,), {"oid": oid}))


def _packed(numbers: array[Any], kind: int) -> bytes:
    if sys.byteorder == "little":
        numbers.byteswap()
    count, data = len(numbers), numbers.tobytes()
    packed = bytearray(_HEADER.size + count * _ELEMENT)
    _HEADER.pack_into(packed, 0, 1, 0, kind, count, 1)
    first = _HEADER.size + _LENGTH
    packed[first - 1 :: _ELEMENT] = bytes([_WIDTH]) * count
    for place in range(_WIDTH):
        packed[first + place :: _ELEMENT] = data[place::_WIDTH]
    return bytes(packed)
