"""Artifact stores: local folders, object stores, or a server that proxies them.

Users also know this package as ``mlyard.artifacts``, with functions of the client. They are looked up by name
when first used, because this package must not import the client.
"""

from __future__ import annotations

import importlib
from typing import Any

_FUNCTIONS = ("download_artifacts", "list_artifacts", "load_dict", "load_image", "load_text")


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return getattr(importlib.import_module("mlyard.client.artifact_uris"), name)
    raise AttributeError(f"module 'mlyard.artifacts' has no attribute {name!r}")
