"""Tags and params: lists of keys and values on the wire, mappings in the domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mlyard.wire.message import Tag


def to_tags(tags: Mapping[str, str]) -> list[Tag]:
    """Domain to wire."""
    return [Tag(key=key, value=value) for key, value in tags.items()]


def from_tags(tags: Iterable[Tag]) -> dict[str, str]:
    """Wire to domain; of equal keys the last wins."""
    return {tag.key: tag.value for tag in tags}
