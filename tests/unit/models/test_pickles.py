"""Pickles that MLflow wrote, read where MLflow is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlyard.models import pickles

# Members of an enum, as versions of Python pickle them: by value, and as an attribute of their class.
BY_VALUE = b"\x80\x04cmlflow.types.schema\nDataType\nK\x05\x85R."
BY_NAME = b"\x80\x04cbuiltins\ngetattr\n(cmlflow.types.schema\nDataType\nX\x06\x00\x00\x00doubletR."


@pytest.mark.parametrize("content", [BY_VALUE, BY_NAME], ids=["by value", "by name"])
def test_members_of_mlflows_enums_may_be_in_a_pickle_but_not_used(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(content)
    found = pickles.load(tmp_path / "model.pkl")
    assert type(found).__name__ == "DataType"
    with pytest.raises(AttributeError, match="belongs to MLflow"):
        found.to_numpy()
    with pytest.raises(AttributeError, match="no attribute 'integer'"):
        type(found).integer  # noqa: B018 - once the pickle has been read, nothing appears by itself
