"""The UI's files: packed, cached by what their names say, and nothing beside them."""

from __future__ import annotations

import re

import pytest

from tests.conftest import LiveServer, fetch


def test_the_page_and_its_bundle(server: LiveServer) -> None:
    page = server.get("/")
    assert page.headers["Cache-Control"] == "no-cache"
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    (script,) = re.findall(r'src="\./(assets/index[^"]+\.js)"', page.data.decode())
    bundle = fetch("GET", f"{server.url}/{script}", headers={"Accept-Encoding": "gzip"})
    assert bundle.headers["Content-Encoding"] == "gzip"
    assert "immutable" in bundle.headers["Cache-Control"]
    assert server.get("/favicon.svg").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/nothing.js", "/assets/..%2f..%2fapp.py", "/../app.py", "/assets/%2e%2e/index.html"])
def test_nothing_else_is_served(server: LiveServer, path: str) -> None:
    assert server.get(path).status == 404
