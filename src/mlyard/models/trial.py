"""Trying a model on input as its server would get it, without a server."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from mlyard.core.errors import InvalidParameter, NotSupported
from mlyard.models.example import convert_input_example_to_serving_input, read_example
from mlyard.models.pyfunc import PyFuncModel, load_model
from mlyard.models.serving_input import read_serving_input

_MANAGERS = ("local",)
_FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")


def predict(
    model_uri: str | Path,
    input_data: Any = None,
    input_path: str | Path | None = None,
    content_type: str = "json",
    output_path: str | Path | None = None,
    env_manager: str = "local",
) -> None:
    """Write the model's answer to ``output_path``, or print it: ``{"predictions": …}``.

    The input is ``input_data`` (the body of a request, or data that makes one), or a file at ``input_path``, JSON
    or CSV. Raises InvalidParameter, and NotSupported for an environment that cannot be made here.
    """
    if env_manager not in _MANAGERS:
        raise NotSupported(f"The environment manager {env_manager!r} is not supported yet: use 'local'.")
    if (input_data is None) == (input_path is None):
        raise InvalidParameter("Give either 'input_data' or 'input_path'.")
    model = load_model(model_uri)
    given = input_data if input_path is None else Path(input_path).read_text(encoding="utf-8")
    answer = json.dumps({"predictions": _plain(_answer(model, given, content_type))})
    if output_path is None:
        sys.stdout.write(f"{answer}\n")
    else:
        Path(output_path).write_text(answer, encoding="utf-8")


def _answer(model: PyFuncModel, given: Any, content_type: str) -> Any:
    if content_type == "csv":
        return model.predict(given if isinstance(given, pd.DataFrame) else pd.read_csv(io.StringIO(str(given))))
    if content_type != "json":
        raise InvalidParameter(f"The content type {content_type!r} is not supported: use 'json' or 'csv'.")
    is_body = isinstance(given, str) or (isinstance(given, dict) and any(form in given for form in _FORMS))
    body = given if is_body else convert_input_example_to_serving_input(given)
    data, params = read_serving_input(body or {}, model.signature.inputs if model.signature else None)
    return model.predict(data, params)


def _plain(answer: Any) -> Any:
    if isinstance(answer, pd.DataFrame):
        return json.loads(answer.to_json(orient="records"))
    return read_example(answer).content
