"""Models: folders that hold a trained model, how to call it, and what it needs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlyard.models.change import set_signature, update_model_requirements
    from mlyard.models.format.example import convert_input_example_to_serving_input
    from mlyard.models.info import ModelInfo, get_model_info, inspect_model
    from mlyard.models.load import Model
    from mlyard.models.script import ModelConfig, set_model
    from mlyard.models.signature import ModelSignature, infer_signature
    from mlyard.models.signature.type_hints import signature_from_type_hints
    from mlyard.models.trial import predict, validate_serving_input
    from mlyard.models.wheels import add_libraries_to_model

_NAMES = {
    "Model": "load",
    "ModelConfig": "script",
    "ModelInfo": "info",
    "ModelSignature": "signature",
    "add_libraries_to_model": "wheels",
    "convert_input_example_to_serving_input": "format.example",
    "get_model_info": "info",
    "infer_signature": "signature",
    "inspect_model": "info",
    "predict": "trial",
    "set_model": "script",
    "set_signature": "change",
    "signature_from_type_hints": "signature.type_hints",
    "update_model_requirements": "change",
    "validate_serving_input": "trial",
}
__all__ = [
    "Model",
    "ModelConfig",
    "ModelInfo",
    "ModelSignature",
    "add_libraries_to_model",
    "convert_input_example_to_serving_input",
    "get_model_info",
    "infer_signature",
    "inspect_model",
    "predict",
    "set_model",
    "set_signature",
    "signature_from_type_hints",
    "update_model_requirements",
    "validate_serving_input",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(importlib.import_module(f"mlyard.models.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'mlyard.models' has no attribute {name!r}")
