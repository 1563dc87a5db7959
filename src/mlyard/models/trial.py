"""Tries a model on the input that its server would receive, without a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mlyard.client.backends import fixed_uri
from mlyard.client.tracking import get_registry_uri, get_tracking_uri
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.models.body.content_type import CSV, JSON, ContentType
from mlyard.models.body.read import KEYS, read_body
from mlyard.models.body.write import plain_of
from mlyard.models.format.example import body_of, convert_input_example_to_serving_input
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
    """Predict as the model's server would, and print or write the answer as ``{"predictions": …}``.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        input_data: A request body (a dict or JSON text), or data to make one of, such as a data frame. Default: None.
        input_path: The path of a file with the input; required without ``input_data``. Default: None.
        content_type: ``"json"`` or ``"csv"``, the format of the input. Default: ``"json"``.
        output_path: The file to write the answer to. Default: None, print it.
        env_manager: ``"local"`` predicts in this process; ``"uv"``, ``"virtualenv"`` and ``"conda"`` create an
            environment with the model's requirements. Default: ``"local"``.
        install_mlflow: Whether a created environment also contains the MLflow that the model names. Default: False.
        pip_requirements_override: Requirements that replace the model's in a created environment. Default: None.
        extra_envs: Additional environment variables in a created environment. Default: None.

    Raises:
        InvalidParameter: The arguments contradict each other, or the input does not fit the model.
        DoesNotExist: There is no model at ``model_uri``.
        MlyardError: The prediction in a created environment failed; the message has its output.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> mlyard.sklearn.save_model(LinearRegression().fit([[0.0], [1.0]], [1.0, 1.0]), "tried")
        >>> mlyard.models.predict("tried", input_data={"inputs": [[2.0]]})
        {"predictions": [1.0]}
    """
    if (input_data is None) == (input_path is None):
        raise InvalidParameter("Pass either 'input_data' or 'input_path'.")
    if content_type not in {"json", "csv"}:
        raise InvalidParameter(f"The content type {content_type!r} is not supported: use 'json' or 'csv'.")
    given = input_data if input_path is None else Path(input_path).read_bytes()
    if env_manager == LOCAL:
        if pip_requirements_override or extra_envs:
            raise InvalidParameter(
                "'pip_requirements_override' and 'extra_envs' need an environment made for the model: "
                "pass env_manager='uv'."
            )
        answer = json.dumps({"predictions": plain_of(_answer(load_model(model_uri), given, content_type))})
    else:
        options = ["--install-mlflow"] if install_mlflow else []
        options += ["-r", ",".join(pip_requirements_override)] if pip_requirements_override else []
        options += [text for name, value in (extra_envs or {}).items() for text in ("--env", f"{name}={value}")]
        command = ["-m", str(model_uri), "-t", content_type, "--env-manager", env_manager, *options]
        answer = _by_command(command, _content(given, content_type))
    if output_path is None:
        sys.stdout.write(f"{answer}\n")
    else:
        Path(output_path).write_text(answer, encoding="utf-8")


def _content(given: Any, content_type: str) -> bytes:
    """The input as the content of a file."""
    if isinstance(given, bytes):
        return given
    if isinstance(given, str):
        return given.encode()
    if content_type == "csv":
        return str(pd.DataFrame(given).to_csv(index=False)).encode()
    return _body(given).encode()


def _body(given: Any) -> str:
    """A request body as JSON: the one that was given, or one with the data that was given."""
    if isinstance(given, Mapping) and any(key in given for key in KEYS):
        return body_of(given)
    return convert_input_example_to_serving_input(given) or ""


def _by_command(options: list[str], content: bytes) -> str:
    """Run the command ``mlyard models predict``, which creates environments."""
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        source, target = Path(temporary, "input"), Path(temporary, "output")
        source.write_bytes(content)
        files = ["-i", str(source), "-o", str(target)]
        done = subprocess.run(  # noqa: S603 - this interpreter and our own command
            [sys.executable, "-m", "mlyard", "models", "predict", *options, *files],
            env={
                **os.environ,
                "MLYARD_TRACKING_URI": fixed_uri(get_tracking_uri()),
                "MLYARD_REGISTRY_URI": fixed_uri(get_registry_uri()),
            },
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise MlyardError(f"The prediction in the model's environment failed: {done.stderr.strip()[-2000:]}")
        return target.read_text(encoding="utf-8").strip()


def _answer(model: PyFuncModel, given: Any, content_type: str) -> Any:
    if content_type == "csv" and isinstance(given, pd.DataFrame):
        return model.predict(given)
    kind = ContentType(CSV if content_type == "csv" else JSON)
    return model.answer(read_body(_content(given, content_type), kind, model.signature))


def validate_serving_input(model_uri: str, serving_input: str | Mapping[str, Any]) -> Any:
    """Predict on a request body, to check that a server of the model would accept it.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        serving_input: The request body, as JSON text or as a dict.

    Returns:
        The model's predictions.

    Raises:
        InvalidParameter: The body is invalid or does not fit the model.
        DoesNotExist: There is no model at ``model_uri``.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> mlyard.sklearn.save_model(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "validated")
        >>> mlyard.models.validate_serving_input("validated", '{"inputs": [[2.0]]}').round(3).tolist()
        [2.0]
    """
    model = load_model(model_uri)
    body = serving_input if isinstance(serving_input, str) else body_of(serving_input)
    return model.answer(read_body(body.encode(), ContentType(JSON), model.signature))
