"""A data frame of any column type has a signature, and fits the signature that it gave."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlyard.models import infer_signature
from mlyard.models.input.table import enforce

NOW = datetime.datetime(2020, 1, 1)  # noqa: DTZ001 - a column without a time zone
COLUMNS: dict[str, tuple[Any, str]] = {
    "sparse floats": (pd.arrays.SparseArray([0.0, 1.5]), "double (required)"),
    "sparse with NaN": (pd.arrays.SparseArray([np.nan, 1.5]), "double (optional)"),
    "sparse integers": (pd.arrays.SparseArray([0, 1]), "long (required)"),
    "sparse booleans": (pd.arrays.SparseArray([True, False]), "boolean (required)"),
    "sparse texts": (pd.arrays.SparseArray(["a", "b"]), "string (required)"),
    "nullable integers": (pd.array([1, None], dtype="Int64"), "long (optional)"),
    "nullable floats": (pd.array([1.5, None], dtype="Float32"), "float (optional)"),
    "nullable booleans": (pd.array([True, None], dtype="boolean"), "boolean (optional)"),
    "texts": (pd.array(["a", None], dtype="string"), "string (optional)"),
    "periods": (pd.period_range("2020-01", periods=2, freq="M"), "Any (required)"),
    "intervals": (pd.interval_range(0, 2), "Any (required)"),
    "categories": (pd.Categorical(["a", "b"]), "string (required)"),
    "times with a zone": (pd.date_range("2020", periods=2, tz="UTC"), "datetime (required)"),
    "durations": (pd.to_timedelta([1, 2]), "Any (required)"),
    "complex numbers": (np.array([1j, 2]), "Any (required)"),
    "half floats": (np.array([1, 2], dtype="float16"), "float (required)"),
    "unsigned integers": (np.array([1, 2], dtype="uint64"), "Any (required)"),
}
ARROW: dict[pa.DataType, tuple[list[Any], str]] = {
    pa.int64(): ([1, 2], "long (required)"),
    pa.float64(): ([1.5, None], "double (optional)"),
    pa.string(): (["a", "b"], "string (required)"),
    pa.bool_(): ([True, False], "boolean (required)"),
    pa.timestamp("ns"): ([NOW, NOW], "datetime (required)"),
    pa.binary(): ([b"a", b"b"], "binary (required)"),
    pa.list_(pa.int64()): ([[1], [2]], "Array(long) (required)"),
    pa.null(): ([None, None], "Any (optional)"),
    pa.dictionary(pa.int8(), pa.string()): (["a", "b"], "string (required)"),
}
COLUMNS |= {
    f"Arrow's {kind}": (pd.array(pa.array(values, kind), dtype=pd.ArrowDtype(kind)), expected)
    for kind, (values, expected) in ARROW.items()
}


@pytest.mark.parametrize(("column", "expected"), COLUMNS.values(), ids=COLUMNS)
def test_a_column_of_any_type(column: Any, expected: str) -> None:
    frame = pd.DataFrame({"c": column})
    schema = infer_signature(frame).inputs
    assert schema is not None
    assert str(schema) == f"['c': {expected}]"
    held = enforce(frame, schema)
    assert held["c"].isna().tolist() == frame["c"].isna().tolist()
    assert [v for v in held["c"].tolist() if not pd.api.types.is_scalar(v) or pd.notna(v)] == [
        v for v in frame["c"].tolist() if not pd.api.types.is_scalar(v) or pd.notna(v)
    ]


@pytest.mark.parametrize(("column", "_"), [COLUMNS[name] for name in COLUMNS if name.startswith("sparse")])
def test_sparse_columns_are_as_dense_ones(column: Any, _: str) -> None:
    frame = pd.DataFrame({"c": column})
    assert infer_signature(frame).inputs == infer_signature(frame.sparse.to_dense()).inputs
