"""The errors that the client raises; MLflow's name for all of them works too."""

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
