"""A store that another package adds: ``memory://`` keeps everything in the process that opens it.

``mlyard.set_tracking_uri("memory://")`` logs to it, ``mlyard server --backend-store-uri memory://`` serves it. A store
of your own implements the protocols of ``mlyard.ports`` and returns them as a ``Store``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlyard.stores.memory.store import open_memory_store

if TYPE_CHECKING:
    from mlyard.ports.store import Store


def open_store(uri: str, artifact_root: str) -> Store:
    """Open a new store. What follows the scheme in the URI is ignored."""
    return open_memory_store(artifact_root)
