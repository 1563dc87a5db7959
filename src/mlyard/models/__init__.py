"""Models: folders that hold a trained model, how to call it, and what it needs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlyard.models.example import convert_input_example_to_serving_input
    from mlyard.models.infer import infer_signature
    from mlyard.models.model import ModelInfo, get_model_info
    from mlyard.models.serving_input import validate_serving_input
    from mlyard.models.signature import ModelSignature
    from mlyard.models.type_hints import signature_from_type_hints

_NAMES = {
    "ModelInfo": "mlyard.models.model",
    "ModelSignature": "mlyard.models.signature",
    "convert_input_example_to_serving_input": "mlyard.models.example",
    "get_model_info": "mlyard.models.model",
    "infer_signature": "mlyard.models.infer",
    "signature_from_type_hints": "mlyard.models.type_hints",
    "validate_serving_input": "mlyard.models.serving_input",
}
__all__ = [
    "ModelInfo",
    "ModelSignature",
    "convert_input_example_to_serving_input",
    "get_model_info",
    "infer_signature",
    "signature_from_type_hints",
    "validate_serving_input",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'mlyard.models' has no attribute {name!r}")
