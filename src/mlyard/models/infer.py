"""Signatures inferred from data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.datatypes import kind
from mlyard.models.schema import ColSpec, Schema, TensorSpec
from mlyard.models.signature import ModelSignature

_BY_KIND = {"b": "boolean", "U": "string", "S": "binary", "M": "datetime"}


def infer_signature(model_input: Any = None, model_output: Any = None) -> ModelSignature:
    """The signature of an example of input and of output: data frames, series or arrays."""
    return ModelSignature(
        None if model_input is None else infer_schema(model_input),
        None if model_output is None else infer_schema(model_output),
    )


def infer_schema(data: Any) -> Schema:
    """Columns of a data frame or series, the tensor of an array. Raises InvalidParameter."""
    if isinstance(data, pd.Series):
        return Schema([_column(data, str(data.name) if data.name is not None else None)])
    if isinstance(data, pd.DataFrame):
        return Schema([_column(data[name], str(name)) for name in data.columns])
    array = np.asarray(data)
    if array.dtype == object:
        raise InvalidParameter(f"No signature can be inferred from a {type(data).__name__} of mixed types.")
    return Schema([TensorSpec(array.dtype, (-1, *array.shape[1:]))])


def _column(series: pd.Series[Any], name: str | None) -> ColSpec:
    missing = bool(series.isna().any())
    return ColSpec(kind(_type(series)), name=name, required=not missing or series.dtype.kind == "f")


def _type(series: pd.Series[Any]) -> str:
    dtype = series.dtype
    if not isinstance(dtype, np.dtype):
        return _object_type(series.dropna(), str(series.name))
    if dtype.kind in "iu":
        return "integer" if dtype.itemsize < 4 or dtype == np.int32 else "long"
    if dtype.kind == "f":
        return "double" if dtype.itemsize > 4 else "float"
    if dtype.kind in _BY_KIND:
        return _BY_KIND[dtype.kind]
    return _object_type(series.dropna(), str(series.name))


def _object_type(values: pd.Series[Any], name: str) -> str:
    if values.map(lambda value: isinstance(value, str)).all():
        return "string"
    if values.map(lambda value: isinstance(value, bytes)).all():
        return "binary"
    raise InvalidParameter(f"No type can be inferred for the column {name!r}: its values are of mixed types.")
