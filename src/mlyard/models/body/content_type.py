"""The content types of request bodies."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from mlyard.core.errors import UnsupportedMediaType

JSON, CSV = "application/json", "text/csv"
PARQUET, ARROW_FILE, ARROW_STREAM = (
    "application/vnd.apache.parquet",
    "application/vnd.apache.arrow.file",
    "application/vnd.apache.arrow.stream",
)
MEDIA = (JSON, CSV, PARQUET, ARROW_FILE, ARROW_STREAM)
PANDAS_SPLIT, PANDAS_RECORDS = "pandas-split", "pandas-records"


class ContentType(msgspec.Struct, frozen=True):
    """A content type. ``media``: one of MEDIA. ``form``: the older parameter ``format``; its answers are bare lists."""

    media: str
    form: str | None = None


@lru_cache(maxsize=256)
def content_type(header: str) -> ContentType:
    """Read a Content-Type header; an empty one means JSON. Raises UnsupportedMediaType."""
    media, *rest = (part.strip() for part in header.split(";"))
    pairs = (part.partition("=") for part in rest if part)
    options = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
    charset = options.get("charset", "utf-8")
    if charset.lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(f"The charset {charset[:100]!r} is not supported: send UTF-8.")
    media, form = media.lower() or JSON, options.get("format")
    if media not in MEDIA:
        raise UnsupportedMediaType(f"The content type {header[:100]!r} is not supported: send {', '.join(MEDIA)}.")
    if form is not None and (media != JSON or form not in (PANDAS_SPLIT, PANDAS_RECORDS)):
        raise UnsupportedMediaType(
            f"The format {form[:100]!r} is not supported: use {PANDAS_SPLIT} or {PANDAS_RECORDS}, with {JSON}."
        )
    return ContentType(media, form)
