"""Chunks scored on the machines of a cluster, and what comes back of them."""

from __future__ import annotations

from typing import Any

from mlyard.batch.rows import Chunk, failure
from mlyard.core.errors import MlyardError
from mlyard.models.packed import Packed, load_packed


def predict_packed(packed: Packed, chunk: Chunk) -> Any:
    """Predictions of a chunk, or the error to raise where the work was given out: its own may not travel."""
    try:
        return load_packed(packed).predict(chunk.data, chunk.params)
    except Exception as error:  # noqa: BLE001 - told to the one who asked
        return failure(error, chunk.number)


def answered(result: Any) -> Any:
    """Predictions that came back. Raises the error that came instead."""
    if isinstance(result, MlyardError):
        raise result
    return result
