"""Tags and params: lists of keys and values on the wire, dicts in the domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mlyard.wire.message import Tag


def encode_tags(tags: Mapping[str, str]) -> list[Tag]:
    return [Tag(key=key, value=value) for key, value in tags.items()]


def decode_tags(tags: Iterable[Tag]) -> dict[str, str]:
    """When a key is given twice, the last value wins."""
    return {tag.key: tag.value for tag in tags}
