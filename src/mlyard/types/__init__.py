"""``mlyard.types``: the parts of signatures under MLflow's import path."""

from __future__ import annotations

from mlyard.models.signature.params import ParamSchema, ParamSpec
from mlyard.models.signature.schema import ColSpec, Schema, TensorSpec
from mlyard.models.signature.types import DataType
from mlyard.types import schema

__all__ = ["ColSpec", "DataType", "ParamSchema", "ParamSpec", "Schema", "TensorSpec", "schema"]
