"""The errors that the client raises; ``MlflowException`` is MLflow's name for their base class."""

from __future__ import annotations

from mlyard.core.errors import AlreadyExists, DoesNotExist, InvalidParameter, MlyardError, PermissionDenied

MlflowException = MlyardError

__all__ = [
    "AlreadyExists",
    "DoesNotExist",
    "InvalidParameter",
    "MlflowException",
    "MlyardError",
    "PermissionDenied",
]
