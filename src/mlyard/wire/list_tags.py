"""Entries for the tags that hold lists: mlyard's addition to the protocol."""

from __future__ import annotations

from typing import Any

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.wire.message import NOT_JSON, Message, Required


class AddToRunTag(Message, kw_only=True):
    run_id: Required
    key: Required
    entry_json: Required


class AddToModelTag(Message, kw_only=True):
    model_id: Required
    key: Required
    entry_json: Required


def decode_entry(text: str, what: str = "entry_json") -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except NOT_JSON:
        raise InvalidParameter(f"Malformed model info: '{what}' is {text[:100]!r}, which is not JSON.") from None
