"""Bundles of small files: what goes in comes out, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.artifacts.bundle import decode, encode
from mlyard.core.errors import InvalidParameter

NAMES = st.from_regex(r"[a-zä0-9]{1,8}(/[a-z0-9]{1,8}){0,3}", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=8))
def test_there_and_back(files: dict[str, bytes]) -> None:
    assert decode(encode(files)) == files


@given(st.dictionaries(NAMES, st.binary(min_size=1, max_size=50), min_size=1, max_size=3), st.data())
def test_a_bundle_that_is_cut_off_is_refused(files: dict[str, bytes], data: st.DataObject) -> None:
    body, whole = encode(files), [len(encode(dict(list(files.items())[:n]))) for n in range(len(files))]
    cut = data.draw(st.integers(1, len(body) - 1).filter(lambda n: n not in whole))
    with pytest.raises(InvalidParameter):
        decode(body[:cut])


@given(st.binary(min_size=1, max_size=100))
def test_other_bytes_are_no_bundle(body: bytes) -> None:
    try:
        decode(body)
    except InvalidParameter:
        return
    raise AssertionError("hypothesis found a bundle by chance: look at it")


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../x", "..%2fx", "", "a\\b"])
def test_paths_that_are_not_plain(path: str) -> None:
    with pytest.raises(InvalidParameter):
        decode(encode({"fine": b"1", path: b"2"}))
