"""mlyard, as the cases see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlyard.models
import mlyard.types.schema
from mlyard.core.errors import InvalidParameter
from mlyard.models.body.content_type import JSON, ContentType
from mlyard.models.body.read import read_body
from mlyard.models.format.example import save_example
from mlyard.models.input.table import enforce
from mlyard.models.signature.params import enforce_params
from mlyard.models.signature.type_hints import held_to_hint, input_hint, signature_from_type_hints
from tests.compat.signatures.playing import Library


class Mlyard(Library):
    errors = (InvalidParameter,)
    names = vars(mlyard.types.schema)

    def infer(self, *examples: Any) -> Any:
        return mlyard.models.infer_signature(*examples)

    def predict(self, schema: Any, data: Any, params: Any) -> Any:
        if schema is None or isinstance(schema, mlyard.types.ParamSchema):
            return data, enforce_params(params, schema)
        return enforce(data, schema), params

    def save_example(self, example: Any, folder: Path) -> dict[str, Any]:
        return save_example(example, folder)

    def signature_of(self, predict: Any) -> dict[str, Any] | None:
        signature = signature_from_type_hints(predict)
        return signature.to_dict() if signature else None

    def call(self, predict: Any, data: Any) -> Any:
        hint = input_hint(predict)
        return data if hint is None else held_to_hint(data, hint)

    def read_body(self, schema: Any, body: str) -> Any:
        data = read_body(body.encode(), ContentType(JSON), mlyard.models.ModelSignature(schema)).data
        return enforce(data, schema, from_json=True) if schema else data
