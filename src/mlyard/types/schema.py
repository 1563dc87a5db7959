"""``mlyard.types.schema``: columns, tensors, and the types that hold others."""

from __future__ import annotations

from mlyard.models.datatypes import AnyType, Array, DataType, Map, Object, Property
from mlyard.models.params import ParamSchema, ParamSpec
from mlyard.models.schema import ColSpec, Schema, TensorSpec

__all__ = [
    "AnyType",
    "Array",
    "ColSpec",
    "DataType",
    "Map",
    "Object",
    "ParamSchema",
    "ParamSpec",
    "Property",
    "Schema",
    "TensorSpec",
]
