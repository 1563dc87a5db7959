"""The web UI's types are those of the OpenAPI document."""

from __future__ import annotations

from tests.wire.ui_types import COMMAND, FILE, generated


def test_the_types_of_the_ui_are_current() -> None:
    assert FILE.read_text(encoding="utf-8") == generated(), f"{FILE.name} is stale. Run: {COMMAND}"
