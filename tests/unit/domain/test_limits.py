"""Values over the limits, when the operator wants them refused rather than cut."""

from __future__ import annotations

import pytest

from mlyard.core.errors import InvalidParameter
from mlyard.domain.runs import Param, RunBatch, RunTag, storable_batch


@pytest.mark.parametrize(
    ("batch", "limit"),
    [
        (RunBatch(params=(Param(key="p", value="x" * 6001),)), "6000"),
        (RunBatch(tags=(RunTag(key="t", value="x" * 8001),)), "8000"),
    ],
)
def test_long_values_are_refused_where_cutting_is_off(
    monkeypatch: pytest.MonkeyPatch, batch: RunBatch, limit: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRUNCATE_LONG_VALUES", "false")
    with pytest.raises(InvalidParameter, match=limit):
        storable_batch(batch)
