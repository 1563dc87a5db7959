"""Models: folders that hold a trained model, how to call it, and what it needs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlyard.models.code_model import set_model
    from mlyard.models.infer import infer_signature
    from mlyard.models.mlmodel import MLmodel as Model
    from mlyard.models.model import get_model_info
    from mlyard.models.model_config import ModelConfig
    from mlyard.models.model_info import ModelInfo
    from mlyard.models.signature import ModelSignature

_NAMES = {
    "Model": "mlmodel:MLmodel",
    "ModelConfig": "model_config:ModelConfig",
    "ModelInfo": "model_info:ModelInfo",
    "ModelSignature": "signature:ModelSignature",
    "get_model_info": "model:get_model_info",
    "infer_signature": "infer:infer_signature",
    "set_model": "code_model:set_model",
}
__all__ = [
    "Model",
    "ModelConfig",
    "ModelInfo",
    "ModelSignature",
    "get_model_info",
    "infer_signature",
    "set_model",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        module, _, attribute = _NAMES[name].partition(":")
        return getattr(importlib.import_module(f"mlyard.models.{module}"), attribute)
    raise AttributeError(f"module 'mlyard.models' has no attribute {name!r}")
