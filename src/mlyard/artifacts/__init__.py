"""Where artifacts lie: local folders, object stores, or a server that proxies them.

For users it is also ``mlyard.artifacts``, with the client's functions. They are looked up by name when
they are first used: this package itself knows nothing of the client.
"""

from __future__ import annotations

import importlib
from typing import Any

_FUNCTIONS = ("download_artifacts", "list_artifacts", "load_dict", "load_image", "load_text")


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return getattr(importlib.import_module("mlyard.client.artifact_uris"), name)
    raise AttributeError(f"module 'mlyard.artifacts' has no attribute {name!r}")
