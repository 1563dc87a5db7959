"""Scores chunks on the machines of a cluster, and brings back predictions or errors."""

from __future__ import annotations

from typing import Any

from mlyard.batch.rows import Chunk, failure
from mlyard.core.errors import MlyardError
from mlyard.models.packed import Packed, load_packed


def predict_packed(packed: Packed, chunk: Chunk) -> Any:
    """Predictions of a chunk, or an error for the caller to raise: the model's own may not be picklable."""
    try:
        return load_packed(packed).answer(chunk.payload)
    except Exception as error:  # noqa: BLE001 - returned to the caller
        return failure(error, chunk.number)


def value_or_raise(result: Any) -> Any:
    """Return predictions from ``predict_packed``; raise the error if it returned one."""
    if isinstance(result, MlyardError):
        raise result
    return result
