"""Artifact paths: plain ones pass unchanged, everything that could mean another place is refused."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.artifacts.paths import check_file_path, check_path
from mlyard.core.errors import InvalidParameter

PLAIN = [
    "a",
    "a/b.txt",
    "model/MLmodel",
    "ü/日本.png",
    "a b",
    "a#1.txt",
    "100%",
    "50%25",
    "caf%e9",
    ".hidden",
    "a..b",
    "x;y",
    "…",
]
REFUSED = [
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e%252fetc",
    "%25252525252e%25252525252e",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "C:/Windows/win.ini",
    "\\\\host\\share",
    "..%5c..%5cetc",
    "x;/../../etc",
    "..;/etc",
    "x%23/../etc",
    "file:///etc/passwd",
    "file:/etc",
    "%0a../etc",
    "x%00.txt",
    "%ff/..%2f..%2fetc",
    "%2fetc%ff",
    "a//b",
    "a/./b",
    "a/",
    ".",
    "a/..",
    "a" * 5000,
    "b" * 256,
]


@pytest.mark.parametrize("path", PLAIN)
def test_a_plain_path_passes_unchanged(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize("path", REFUSED)
def test_a_path_that_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid path"):
        check_path(path)


def test_the_root_is_no_file() -> None:
    assert check_path("") == ""
    with pytest.raises(InvalidParameter):
        check_file_path("")


@given(st.text(max_size=80))
def test_what_passes_stays_below_its_root_however_often_it_is_decoded(path: str) -> None:
    try:
        decoded = check_path(path)
    except InvalidParameter:
        return
    for _ in range(8):
        steps = PurePosixPath(decoded).parts
        assert ".." not in steps
        assert not decoded.startswith("/")
        assert "\\" not in decoded
        decoded = unquote(decoded)


@given(st.lists(st.sampled_from(["..", ".", "", "a", "\\", "%"]), min_size=1, max_size=5), st.integers(0, 3))
def test_encoding_hides_nothing(steps: list[str], times: int) -> None:
    path = "/".join(steps)
    for _ in range(times):
        path = quote(path, safe="")
    if {"..", ".", "", "\\"} & set(steps) and path:
        with pytest.raises(InvalidParameter):
            check_path(path)
