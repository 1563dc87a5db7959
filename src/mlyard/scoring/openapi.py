"""The OpenAPI 3.1 document of a scoring server, made from the model's signature.

https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from mlyard.core.version import __version__
from mlyard.models.body.content_type import ARROW_FILE, ARROW_STREAM, CSV, JSON, PARQUET
from mlyard.models.pyfunc import PyFuncModel
from mlyard.models.signature.schema import ColSpec, Schema

_SCALARS: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "format": "int32"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
    "string": {"type": "string"},
    "binary": {"type": "string", "contentEncoding": "base64"},
    "datetime": {"type": "string", "format": "date-time"},
    "any": {},
}
_SAMPLES = {"boolean": True, "string": "text", "binary": "aGVsbG8=", "datetime": "2026-01-31T12:00:00"}
_ERRORS = {
    400: "The input does not fit the model; the message says what and where.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The content type is not supported.",
    500: "The model failed.",
    503: "Too many requests wait for the model; Retry-After says when to try again.",
    504: "The model took too long.",
}
_ERROR = {"type": "object", "properties": {"error_code": {"type": "string"}, "message": {"type": "string"}}}
# The form of predictions is up to the model: a signature may name a column where the model returns a plain list.
_ANSWER = {"type": "object", "properties": {"predictions": {}}, "required": ["predictions"]}
_ANY_TABLE = {"type": "array", "items": {"type": "array"}}


def json_schema(form: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a type, which is given as in MLmodel files."""
    kind = form["type"]
    if kind == "array":
        return {"type": "array", "items": json_schema(form["items"])}
    if kind == "map":
        return {"type": "object", "additionalProperties": json_schema(form["values"])}
    if kind == "object":
        properties = form["properties"]
        required = [name for name, item in properties.items() if item.get("required", True)]
        inner = {name: json_schema(item) for name, item in properties.items()}
        return {"type": "object", "properties": inner, "required": required}
    return dict(_SCALARS[kind])


def document(model: PyFuncModel, example: Any = None) -> dict[str, Any]:
    """The OpenAPI document. ``example``: a request body, as JSON values."""
    schema = model.signature.inputs if model.signature else None
    json_body: dict[str, Any] = {"schema": _body(schema)}
    if example is None and schema:
        example = sample(schema)
    if example is not None:
        json_body["example"] = example
    content = {JSON: json_body, CSV: {"schema": {"type": "string"}}}
    binary = {"schema": {"type": "string", "format": "binary"}}
    content |= dict.fromkeys((PARQUET, ARROW_FILE, ARROW_STREAM), binary)
    answers = {"200": {"description": "The predictions.", "content": {JSON: {"schema": _ANSWER}}}}
    answers |= {str(s): {"description": text, "content": {JSON: {"schema": _ERROR}}} for s, text in _ERRORS.items()}
    post = {"operationId": "invocations", "summary": "Predictions of the model.", "responses": answers}
    paths: dict[str, Any] = {"/invocations": {"post": {**post, "requestBody": {"required": True, "content": content}}}}
    for name, meaning in {"ping": "Alive.", "health": "Alive.", "version": "MLflow's version of the protocol."}.items():
        paths[f"/{name}"] = {"get": {"operationId": name, "responses": {"200": {"description": meaning}}}}
    paths["/metrics"] = {"get": {"operationId": "metrics", "responses": {"200": {"description": "For Prometheus."}}}}
    return {"openapi": "3.1.0", "info": {"title": title(model), "version": __version__}, "paths": paths}


def sample(schema: Schema) -> dict[str, Any]:
    """A request body with one row that fits the schema."""
    if schema.columns and schema.has_input_names():
        row = [_sample(spec.to_dict()) for spec in schema.columns]
        return {"dataframe_split": {"columns": schema.input_names(), "data": [row]}}
    if schema.columns:
        return {"inputs": [[_sample(spec.to_dict()) for spec in schema.columns]]}
    tensors = {spec.name: _zeros([abs(size) for size in spec.shape]) for spec in schema.tensors}
    return {"inputs": tensors if schema.has_input_names() else tensors[None]}


def _sample(form: dict[str, Any]) -> Any:
    if form["type"] == "array":
        return [_sample(form["items"])]
    if form["type"] == "map":
        return {"key": _sample(form["values"])}
    if form["type"] == "object":
        return {name: _sample(item) for name, item in form["properties"].items()}
    return _SAMPLES.get(form["type"], 0)


def _zeros(shape: list[int]) -> Any:
    return [_zeros(shape[1:]) for _ in range(shape[0])] if shape else 0


def _body(schema: Schema | None) -> dict[str, Any]:
    """The schema of a request body: exactly one of the keys, and optional params."""
    row = _row(schema.columns) if schema and schema.columns else {"type": "object"}
    columns = {"type": "array", "items": {"type": "string"}}
    split = {"type": "object", "properties": {"columns": columns, "data": _ANY_TABLE}, "required": ["data"]}
    forms: dict[str, dict[str, Any]] = {
        "dataframe_split": split,
        "dataframe_records": {"type": "array", "items": row, "minItems": 1},
        "instances": {"type": "array", "minItems": 1},
        "inputs": {},
    }
    params = {"params": {"type": "object"}}
    return {
        "oneOf": [
            {"type": "object", "properties": {name: form, **params}, "required": [name]} for name, form in forms.items()
        ]
    }


def _row(columns: list[ColSpec]) -> dict[str, Any]:
    properties = {str(spec.name): json_schema(spec.to_dict()) for spec in columns}
    required = [str(spec.name) for spec in columns if spec.required]
    return {"type": "object", "properties": properties, "required": required}


def title(model: PyFuncModel) -> str:
    """A title with the model's id."""
    metadata = model.metadata
    return f"Model {metadata.model_id or metadata.run_id or ''}".strip()


def read_example(folder: Path) -> Any:
    """The request body that was saved with the model as an example; None if it is missing or malformed."""
    try:
        return msgspec.json.decode((folder / "serving_input_example.json").read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
