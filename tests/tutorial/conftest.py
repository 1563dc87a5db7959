"""The browser of these tests."""

from __future__ import annotations

from tests.browser import browser, expected_errors, page

__all__ = ["browser", "expected_errors", "page"]  # pytest finds fixtures by these names
