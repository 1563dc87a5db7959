"""Names are not URLs: every name that is accepted is kept exactly, and two names never meet in one file."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlyard.artifacts.local import LocalArtifactStore
from mlyard.artifacts.paths import check_path
from mlyard.core.errors import InvalidParameter
from mlyard.ports.artifacts import ArtifactStore
from tests.conftest import SOAK
from tests.contract.test_artifact_store import read

# What has a meaning in URLs, shells, keys of S3 or names of files; accents that are composed and decomposed.
steps = st.text(st.sampled_from("ab#?%2034@:+&=;,.~ !*'\"()[]{}|<>^`$é\u0301ü漢😀-_"), min_size=1, max_size=10)


def is_accepted(path: str) -> bool:
    try:
        check_path(path)
    except InvalidParameter:
        return False
    return True


names = steps.filter(is_accepted)


@settings(max_examples=300 if SOAK else 30)
@given(pair=st.lists(names, min_size=2, max_size=2, unique=True), folder=names)
def test_two_names_are_two_files(artifacts: ArtifactStore, pair: list[str], folder: str) -> None:
    above = f"{uuid.uuid4().hex}/{folder}"
    for name in pair:
        artifacts.put(f"{above}/{name}", name.encode())
    for name in pair:
        assert read(artifacts, f"{above}/{name}") == name.encode()
    found = [file.path for file in artifacts.list(above)]
    assert sorted(found) == sorted(f"{above}/{name}" for name in pair)
    artifacts.delete(f"{above}/{pair[0]}")
    assert [file.path for file in artifacts.list(above)] == [f"{above}/{pair[1]}"]


@pytest.mark.parametrize("name", [".mlyard-partial-0", ".mlyard-partial-/x"])
def test_names_that_folders_hide_are_refused(name: str, tmp_path: Path) -> None:
    store = LocalArtifactStore(tmp_path)
    with pytest.raises(InvalidParameter, match="mlyard's own"):
        store.put(name, b"1")
    assert store.parts
    with pytest.raises(InvalidParameter, match="mlyard's own"):
        store.parts.begin(name)
    assert list(tmp_path.iterdir()) == []
