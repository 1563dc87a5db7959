"""Models: folders that hold a trained model, how to call it, and what it needs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlyard.models.infer import infer_signature
    from mlyard.models.model import ModelInfo, get_model_info
    from mlyard.models.signature import ModelSignature

_NAMES = {
    "ModelInfo": "mlyard.models.model",
    "ModelSignature": "mlyard.models.signature",
    "get_model_info": "mlyard.models.model",
    "infer_signature": "mlyard.models.infer",
}
__all__ = ["ModelInfo", "ModelSignature", "get_model_info", "infer_signature"]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'mlyard.models' has no attribute {name!r}")
