"""Models that are scripts: the script calls ``set_model`` with the model."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlyard.core.errors import InvalidParameter
from mlyard.models import mlflow_names
from mlyard.models.model_config import ModelConfig, current_config

_set: list[Any] = []


def set_model(model: Any) -> None:
    """Say which model a script is."""
    _set.append(model)


def run_script(script: Path, config: Mapping[str, Any]) -> Any:
    """Run a script; the model that it sets. Raises InvalidParameter when it sets none."""
    spec = importlib.util.spec_from_file_location(f"code_model_{uuid.uuid4().hex}", script)
    if spec is None or spec.loader is None:
        raise InvalidParameter(f"The model {str(script)!r} is no Python script.")
    module = importlib.util.module_from_spec(spec)
    _set.clear()
    with mlflow_names.provided(), current_config(config), _mlflow_sets_here(script):
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    if not _set:
        raise InvalidParameter(f"The script {script.name!r} sets no model: let it call mlyard.models.set_model(model).")
    return _set.pop()


@contextmanager
def _mlflow_sets_here(script: Path) -> Iterator[None]:
    """What a script sets through an MLflow that is installed is set here, and it reads its configuration here."""
    if "mlflow" not in script.read_text(encoding="utf-8") or not mlflow_names.is_installed():
        yield
        return
    theirs: Any = importlib.import_module("mlflow.models")
    kept = theirs.set_model, theirs.ModelConfig
    theirs.set_model, theirs.ModelConfig = set_model, ModelConfig
    try:
        yield
    finally:
        theirs.set_model, theirs.ModelConfig = kept
