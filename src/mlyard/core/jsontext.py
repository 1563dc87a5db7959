"""JSON as text: for values that are stored, bound to a statement or shown as text."""

from __future__ import annotations

from typing import Any

import msgspec


def json_text(value: Any) -> str:
    """``value`` as compact JSON."""
    return msgspec.json.encode(value).decode()
