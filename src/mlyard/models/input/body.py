"""Reads the request bodies of a model's server, for callers in Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.input.table import enforce
from mlyard.models.signature.schema import Schema

FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
"""The keys of a request body that contain a model's input."""


def read_serving_input(
    serving_input: str | Mapping[str, Any], schema: Schema | None
) -> tuple[Any, dict[str, Any] | None]:
    """The data of a request body, cast to the types of the schema, and its params.

    The body is a JSON object with exactly one of dataframe_split, dataframe_records, instances and inputs, and
    optionally params. Raises InvalidParameter.
    """
    body = _body(serving_input)
    (form,) = _only([name for name in FORMS if name in body])
    data = _data(form, body[form], schema)
    params = body.get("params")
    if params is not None and not isinstance(params, dict):
        raise InvalidParameter(f"The params must be a JSON object, not {type(params).__name__}.")
    return enforce(data, schema, from_json=True) if schema else data, params


def _body(serving_input: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(serving_input, str):
        try:
            serving_input = json.loads(serving_input)
        except ValueError as error:
            raise InvalidParameter(f"The serving input is not JSON: {error}") from None
    if not isinstance(serving_input, Mapping):
        raise InvalidParameter(f"The serving input must be a JSON object, not {type(serving_input).__name__}.")
    return serving_input


def _only(forms: list[str]) -> list[str]:
    if len(forms) != 1:
        raise InvalidParameter(f"The serving input must have exactly one of {', '.join(FORMS)}; it has {forms}.")
    return forms


def _data(form: str, content: Any, schema: Schema | None) -> Any:
    try:
        if form == "dataframe_split" and "columns" not in content and schema and not schema.is_tensor_spec():
            return content["data"]
        # With a schema, enforce() casts the values; without one, pandas infers the types.
        dtype = object if schema else None
        if form == "dataframe_split":
            return pd.DataFrame(content["data"], content.get("index"), content.get("columns"), dtype=dtype)
        if form == "dataframe_records":
            return pd.DataFrame(content, dtype=dtype)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidParameter(f"The {form} of the serving input is not a table: {error!r}") from None
    if schema is None or schema.is_tensor_spec():
        return _arrays(form, content, schema)
    return content


def _arrays(form: str, content: Any, schema: Schema | None) -> Any:
    """Nested lists if a schema will cast them, else arrays. A list of named instances becomes a dict of columns."""
    records = isinstance(content, list) and bool(content) and all(isinstance(item, dict) for item in content)
    if form == "instances" and records:
        content = {name: [item.get(name) for item in content] for name in content[0]}
    if schema:
        return content
    if isinstance(content, dict):
        return {name: _array(value) for name, value in content.items()}
    return _array(content)


def _array(content: Any) -> Any:
    if not isinstance(content, list):
        return content
    try:
        return np.array(content)
    except ValueError:  # the lists differ in length
        return content
