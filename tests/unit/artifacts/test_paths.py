"""Artifact paths: plain ones pass unchanged, everything that could mean another place is refused."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.artifacts.paths import check_file_path, check_path, path_to_read
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
    "x;.y",
    "ab:c",
    " ",
    "a" * 255,
    "…",
]
RELATIVE = "it must be relative"
BACKSLASH = "it holds a backslash; steps are separated by '/'"
CONTROL = "it holds a control character"
STEPS = "its steps must not be empty, '.' or '..'"
STEP_LENGTH = "a step is longer than 255 bytes"
REFUSED = [
    ("../../../../etc/passwd", STEPS),
    ("..%2f..%2fetc%2fpasswd", STEPS),
    ("%252e%252e%252fetc", STEPS),
    ("%25252525252e%25252525252e", "it is encoded too many times"),
    ("/etc/passwd", RELATIVE),
    ("%2fetc%2fpasswd", RELATIVE),
    ("C:/Windows/win.ini", RELATIVE),
    ("c:win.ini", RELATIVE),
    ("\\\\host\\share", BACKSLASH),
    ("..%5c..%5cetc", BACKSLASH),
    ("x;/../../etc", STEPS),
    ("..;/etc", STEPS),
    ("a;..", STEPS),
    ("x%23/../etc", STEPS),
    ("file:///etc/passwd", RELATIVE),
    ("file:/etc", RELATIVE),
    ("%0a../etc", STEPS),
    ("x%00.txt", "it holds a NUL character"),
    ("x\n.txt", CONTROL),
    ("x\x1f.txt", CONTROL),
    ("x\x7f.txt", CONTROL),
    ("%7f../etc", STEPS),
    ("%1f../etc", STEPS),
    ("%ff/..%2f..%2fetc", STEPS),
    ("%2fetc%ff", RELATIVE),
    ("a//b", STEPS),
    ("a/./b", STEPS),
    ("a/", STEPS),
    (".", STEPS),
    ("a/..", STEPS),
    ("b" * 256, STEP_LENGTH),
    ("ü" * 128, STEP_LENGTH),
]


@pytest.mark.parametrize("path", PLAIN)
def test_a_plain_path_passes_unchanged(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(("path", "why"), REFUSED)
def test_a_path_that_could_lead_elsewhere_is_refused(path: str, why: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        check_path(path)
    assert refused.value.message == f"Invalid path {path[:200]!r}: {why}."


def test_a_path_has_at_most_4096_characters() -> None:
    longest = "/".join(["a" * 255] * 16)
    assert len(longest) == 4095
    assert check_path(f"{longest[:-1]}/b") == f"{longest[:-1]}/b"
    with pytest.raises(InvalidParameter) as refused:
        check_path(f"{longest}/b")
    assert refused.value.message == "Invalid path: it has 4097 characters; the limit is 4096."


def test_the_root_is_no_file() -> None:
    assert check_path("") == ""
    assert check_file_path("a/b") == "a/b"
    with pytest.raises(InvalidParameter) as refused:
        check_file_path("")
    assert refused.value.message == (
        "Invalid path: it is empty. The artifact root is not a file: name a file below it."
    )


@pytest.mark.parametrize(
    ("path", "plain"),
    [("", ""), (".", ""), ("./", ""), ("a/", "a"), ("./a/b", "a/b"), ("a//b/./c//", "a/b/c"), ("a/.b", "a/.b")],
)
def test_a_reader_may_write_steps_that_change_nothing(path: str, plain: str) -> None:
    assert path_to_read(path) == plain


@given(st.lists(st.sampled_from(["..", ".", "", "a", "\\", "%2e", "%2f", "s3:", "C:"]), max_size=6))
def test_a_reader_gets_no_further_than_a_plain_path(steps: list[str]) -> None:
    path = "/".join(steps)
    kept = [step for step in steps if step not in {"", "."}]
    try:
        plain = check_path("/".join(kept))
    except InvalidParameter:
        plain = None
    if plain is None or path.startswith("/"):
        with pytest.raises(InvalidParameter):
            path_to_read(path)
    else:
        assert path_to_read(path) == plain


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
