"""YAML files that users write: what cannot be read is named, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlyard.core.errors import InvalidParameter
from mlyard.core.yaml_files import read_mapping, read_yaml


def test_a_mapping_is_returned_and_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "env.yaml"
    file.write_text("name: größe\n", encoding="utf-8")
    assert read_mapping({"a": 1}, "environment") == {"a": 1}
    assert read_mapping(file, "environment") == read_mapping(str(file), "environment") == {"name": "größe"}
    file.write_text("[1, 2]")
    assert read_yaml(file, "list") == [1, 2]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: .*No such file"),
        (b"a: [1", "cannot be read: while parsing"),
        (b"\xff\xfe\xff", "cannot be read: .*decode"),
        (b"[1, 2]", "must be a YAML mapping"),
        (b"", "must be a YAML mapping"),
    ],
)
def test_what_cannot_be_used_is_named(content: bytes | None, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "env.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidParameter, match=f"(?s)The environment '.*env.yaml' {reason}"):
        read_mapping(file, "environment")
