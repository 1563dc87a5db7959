"""Trying a model on input as its server would get it, without a server."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mlyard.client.tracking import get_registry_uri, get_tracking_uri
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.models.format.example import convert_input_example_to_serving_input, read_example
from mlyard.models.input.body import FORMS, read_serving_input
from mlyard.models.pyfunc import PyFuncModel, load_model

__all__ = ["predict", "validate_serving_input"]

LOCAL = "local"


def predict(
    model_uri: str | Path,
    input_data: Any = None,
    input_path: str | Path | None = None,
    content_type: str = "json",
    output_path: str | Path | None = None,
    env_manager: str = LOCAL,
    install_mlflow: bool = False,
    pip_requirements_override: Sequence[str] | None = None,
    extra_envs: Mapping[str, str] | None = None,
) -> None:
    """Write the model's answer to ``output_path``, or print it: ``{"predictions": …}``.

    The input is ``input_data`` (the body of a request, or data that makes one), or a file at ``input_path``, JSON
    or CSV. ``env_manager``: ``local`` is this process; ``uv``, ``virtualenv`` and ``conda`` make an environment for
    the model, with other requirements where ``pip_requirements_override`` names some, and variables besides.
    Raises InvalidParameter; MlyardError with what was said when another environment fails.
    """
    if (input_data is None) == (input_path is None):
        raise InvalidParameter("Pass either 'input_data' or 'input_path'.")
    if content_type not in {"json", "csv"}:
        raise InvalidParameter(f"The content type {content_type!r} is not supported: use 'json' or 'csv'.")
    given = input_data if input_path is None else Path(input_path).read_text(encoding="utf-8")
    if env_manager == LOCAL:
        if pip_requirements_override or extra_envs:
            raise InvalidParameter(
                "'pip_requirements_override' and 'extra_envs' need an environment made for the model: "
                "pass env_manager='uv'."
            )
        answer = json.dumps({"predictions": _plain(_answer(load_model(model_uri), given, content_type))})
    else:
        options = ["--install-mlflow"] if install_mlflow else []
        options += ["-r", ",".join(pip_requirements_override)] if pip_requirements_override else []
        options += [text for name, value in (extra_envs or {}).items() for text in ("--env", f"{name}={value}")]
        command = ["-m", str(model_uri), "-t", content_type, "--env-manager", env_manager, *options]
        answer = _by_command(command, _text(given, content_type))
    if output_path is None:
        sys.stdout.write(f"{answer}\n")
    else:
        Path(output_path).write_text(answer, encoding="utf-8")


def _text(given: Any, content_type: str) -> str:
    """The input as a file holds it."""
    if isinstance(given, str):
        return given
    if content_type == "csv":
        return str(pd.DataFrame(given).to_csv(index=False))
    return json.dumps(given) if _is_body(given) else convert_input_example_to_serving_input(given) or ""


def _by_command(options: list[str], text: str) -> str:
    """``mlyard models predict``, which makes environments."""
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        source, target = Path(temporary, "input"), Path(temporary, "output")
        source.write_text(text, encoding="utf-8")
        files = ["-i", str(source), "-o", str(target)]
        done = subprocess.run(  # noqa: S603 - this interpreter and our own command
            [sys.executable, "-m", "mlyard", "models", "predict", *options, *files],
            env={**os.environ, "MLYARD_TRACKING_URI": get_tracking_uri(), "MLYARD_REGISTRY_URI": get_registry_uri()},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise MlyardError(f"The prediction in the model's environment failed: {done.stderr.strip()[-2000:]}")
        return target.read_text(encoding="utf-8").strip()


def _is_body(given: Any) -> bool:
    return isinstance(given, dict) and any(form in given for form in FORMS)


def _answer(model: PyFuncModel, given: Any, content_type: str) -> Any:
    if content_type == "csv":
        return model.predict(given if isinstance(given, pd.DataFrame) else pd.read_csv(io.StringIO(str(given))))
    body = given if isinstance(given, str) or _is_body(given) else convert_input_example_to_serving_input(given)
    data, params = read_serving_input(body or {}, model.signature.inputs if model.signature else None)
    return model.predict(data, params)


def _plain(answer: Any) -> Any:
    if isinstance(answer, pd.DataFrame):
        return json.loads(answer.to_json(orient="records"))
    return read_example(answer).content


def validate_serving_input(model_uri: str, serving_input: str | Mapping[str, Any]) -> Any:
    """The model's answer to a request body, without a server. Raises InvalidParameter as the server would."""
    model = load_model(model_uri)
    schema = model.signature.inputs if model.signature else None
    data, params = read_serving_input(serving_input, schema)
    return model.predict(data, params)
