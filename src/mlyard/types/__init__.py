"""``mlyard.types``: the parts of signatures under the names that scripts use."""

from __future__ import annotations

from mlyard.models.datatypes import DataType
from mlyard.models.params import ParamSchema, ParamSpec
from mlyard.models.schema import ColSpec, Schema, TensorSpec
from mlyard.types import schema

__all__ = ["ColSpec", "DataType", "ParamSchema", "ParamSpec", "Schema", "TensorSpec", "schema"]
