"""``mlyard.types.schema``: columns, tensors, params, and types such as ``Array`` that contain others."""

from __future__ import annotations

from mlyard.models.signature.params import ParamSchema, ParamSpec
from mlyard.models.signature.schema import ColSpec, Schema, TensorSpec
from mlyard.models.signature.types import AnyType, Array, DataType, Map, Object, Property

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
