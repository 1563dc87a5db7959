"""Models: folders that hold a trained model, how to call it, and what it needs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlyard.models.change import set_signature, update_model_requirements
    from mlyard.models.code_model import set_model
    from mlyard.models.example import convert_input_example_to_serving_input
    from mlyard.models.infer import infer_signature
    from mlyard.models.inspect import inspect_model
    from mlyard.models.mlmodel import MLmodel as Model
    from mlyard.models.model import get_model_info
    from mlyard.models.model_config import ModelConfig
    from mlyard.models.model_info import ModelInfo
    from mlyard.models.serving_input import validate_serving_input
    from mlyard.models.signature import ModelSignature
    from mlyard.models.trial import predict
    from mlyard.models.type_hints import signature_from_type_hints
    from mlyard.models.wheels import add_libraries_to_model

_NAMES = {
    "Model": "mlmodel:MLmodel",
    "ModelConfig": "model_config:ModelConfig",
    "ModelInfo": "model_info:ModelInfo",
    "ModelSignature": "signature:ModelSignature",
    "add_libraries_to_model": "wheels:add_libraries_to_model",
    "convert_input_example_to_serving_input": "example:convert_input_example_to_serving_input",
    "get_model_info": "model:get_model_info",
    "infer_signature": "infer:infer_signature",
    "inspect_model": "inspect:inspect_model",
    "predict": "trial:predict",
    "set_model": "code_model:set_model",
    "set_signature": "change:set_signature",
    "signature_from_type_hints": "type_hints:signature_from_type_hints",
    "update_model_requirements": "change:update_model_requirements",
    "validate_serving_input": "serving_input:validate_serving_input",
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
        module, _, attribute = _NAMES[name].partition(":")
        return getattr(importlib.import_module(f"mlyard.models.{module}"), attribute)
    raise AttributeError(f"module 'mlyard.models' has no attribute {name!r}")
