"""Reads JSON files of any size value by value. Only the current value is in memory."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from mlyard.core.errors import InvalidParameter
from mlyard.models.body.text import decoder

_CHUNK = 1 << 20
_LONGEST = 64 << 20
_SPACE = " \t\r\n"


class Scanner:
    """Reads a file once, from start to end. Raises InvalidParameter if it is not valid JSON.

    A single value (a row, the columns, the params) may have up to 64 MB.
    """

    def __init__(self, file: Path) -> None:
        self._bytes = file.open("rb")
        self._text = io.TextIOWrapper(self._bytes, encoding="utf-8-sig")
        self._decoder = decoder()
        self._buffer, self._at, self._ended = "", 0, False

    def __enter__(self) -> Scanner:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._text.close()

    @property
    def bytes_read(self) -> int:
        """The number of bytes read so far."""
        return self._bytes.tell()

    def peek(self) -> str:
        """The next character that is not a space, without consuming it; '' at the end of the file."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in _SPACE:
                    return self._buffer[self._at]
                self._at += 1
            if not self._more(_CHUNK):
                return ""

    def value(self) -> Any:
        """The next value, decoded."""
        self.peek()
        size = _CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if len(self._buffer) - self._at > _LONGEST or not self._more(size):
                    raise self._invalid(error.msg) from None
            except (ValueError, RecursionError) as error:
                raise self._invalid(str(error)) from None
            else:
                # A number at the end of the buffer may continue in the next chunk.
                if end < len(self._buffer) or not self._more(size):
                    self._at = end
                    return value
            size *= 2

    def array(self) -> Iterator[Any]:
        """The elements of the next value, which must be an array."""
        self._take("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            yield self.value()
            if self._take(",", "]") == "]":
                return

    def members(self) -> Iterator[str]:
        """The keys of the next value, which must be an object. The caller must read each value before the next key."""
        self._take("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise self._invalid("Expecting a key in quotes")
            self._take(":")
            yield key
            if self._take(",", "}") == "}":
                return

    def _take(self, *expected: str) -> str:
        found = self.peek()
        if found not in expected:
            raise self._invalid(f"Expecting {' or '.join(expected)}")
        self._at += 1
        return found

    def _more(self, size: int) -> bool:
        if self._ended:
            return False
        try:
            read = self._text.read(size)
        except UnicodeDecodeError as error:
            raise self._invalid(f"it is not UTF-8: {error.reason}") from None
        self._buffer, self._at, self._ended = self._buffer[self._at :] + read, 0, not read
        return bool(read)

    def _invalid(self, why: str) -> InvalidParameter:
        return InvalidParameter(f"The file is not valid JSON: {why}, near byte {self.bytes_read:,}.")
