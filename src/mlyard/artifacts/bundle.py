"""Many small files in one body. Each file is a length (four bytes, big-endian), a JSON header and its content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from mlyard.artifacts.paths import check_file_path
from mlyard.core.errors import InvalidParameter

MEDIA_TYPE = "application/vnd.mlyard.bundle"
MAX_BYTES = 16 * 1024 * 1024
"""Maximum size of a bundle, which is held in memory as a whole."""

_LENGTH = 4
_MAX_HEADER = 64 * 1024


class _Header(msgspec.Struct):
    path: str
    size: int


def encode(files: Mapping[str, bytes]) -> bytes:
    """Encode files, given by path, as one body."""
    parts: list[bytes] = []
    for path, content in files.items():
        header = msgspec.json.encode(_Header(path, len(content)))
        parts += (len(header).to_bytes(_LENGTH, "big"), header, content)
    return b"".join(parts)


def decode(body: bytes) -> dict[str, bytes]:
    """The files in a body, by path. Raises InvalidParameter for a malformed body or an invalid path."""
    return dict(_files(memoryview(body)))


def _files(body: memoryview) -> Iterator[tuple[str, bytes]]:
    place = 0
    while place < len(body):
        length = int.from_bytes(body[place : place + _LENGTH], "big")
        place += _LENGTH
        header = _header(bytes(body[place : place + length])) if length <= _MAX_HEADER else None
        place += length
        if header is None or not 0 <= header.size <= len(body) - place:
            raise InvalidParameter("The body is not a bundle of files: a header or a file is truncated or malformed.")
        yield check_file_path(header.path), bytes(body[place : place + header.size])
        place += header.size


def _header(text: bytes) -> _Header | None:
    try:
        return msgspec.json.decode(text, type=_Header)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
