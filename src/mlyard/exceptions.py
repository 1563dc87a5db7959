"""The errors that mlyard raises; ``MlflowException`` is MLflow's name for their base class."""

from __future__ import annotations

from mlyard.core.errors import (
    AlreadyExists,
    DataLoss,
    DoesNotExist,
    InvalidParameter,
    MlyardError,
    NotSupported,
    PermissionDenied,
    ProjectFailed,
    TemporarilyUnavailable,
)
from mlyard.core.lazy import MissingExtra

MlflowException = MlyardError

__all__ = [
    "AlreadyExists",
    "DataLoss",
    "DoesNotExist",
    "InvalidParameter",
    "MissingExtra",
    "MlflowException",
    "MlyardError",
    "NotSupported",
    "PermissionDenied",
    "ProjectFailed",
    "TemporarilyUnavailable",
]
