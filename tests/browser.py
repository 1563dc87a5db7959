"""A real browser: Chromium of the system, started once; each test gets a page of its own that must stay silent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, expect, sync_playwright

from tests.conftest import START_SECONDS

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 1000 * START_SECONDS
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "no Chromium: install it, or name its program in the variable CHROMIUM"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def expected_errors() -> list[str]:
    """Parts of console errors that a test provokes on purpose; a test adds to it."""
    return []


@pytest.fixture
def page(browser: Browser, expected_errors: list[str]) -> Iterator[Page]:
    """A fresh page; the test fails if a page ever logs an error, breaks, or opens a dialog of the browser."""
    troubles: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in expected_errors):
            troubles.append(f"console: {message.text}")

    def refuse(dialog: Dialog) -> None:
        troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    fresh = context.new_page()
    fresh.on("console", hear)
    fresh.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
    fresh.on("dialog", refuse)
    yield fresh
    context.close()
    assert not troubles, "\n".join(troubles)
