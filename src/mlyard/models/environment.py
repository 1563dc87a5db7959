"""Chooses the environment for a model: the current one, or one made for the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mlyard.core.log import logger
from mlyard.envs.environment import LOCAL, UV, Environment, check_manager, prepare
from mlyard.envs.images import Image, write_context
from mlyard.envs.installed import missing
from mlyard.envs.spec import EnvironmentSpec, read_spec
from mlyard.models.format.flavor import PYTHON_FUNCTION, flavor_of_loader
from mlyard.models.format.metadata import read_mlmodel
from mlyard.models.load import fetch

DEFAULT = UV
_MLFLOW = ("mlflow", "mlflow-skinny", "mlflow-tracing")
_log = logger("models")


def environment_of(
    folder: Path, env_manager: str | None = None, override: Sequence[str] = (), *, with_mlflow: bool = False
) -> Environment | None:
    """The environment for the model in a folder, created if necessary; None means the current one.

    ``env_manager`` is local, uv, virtualenv or conda. If it is None, uv creates an environment only if the current one
    lacks something that the model requires. ``override`` are requirements that replace the model's. ``with_mlflow``
    also installs the MLflow that the model names, even if mlyard can load the model. Raises InvalidParameter.
    """
    check_manager(env_manager or DEFAULT)
    if env_manager == LOCAL:
        return None
    spec = spec_of(folder, override, with_mlflow=with_mlflow)
    if env_manager is None:
        lacks = missing(spec)
        if not lacks:
            return None
        _log.info("The model gets its own environment, because this one lacks: %s", ", ".join(lacks))
    model = read_mlmodel(folder)
    purpose = f"model {model.model_id or model.run_id or folder}"
    return prepare(spec, env_manager or DEFAULT, purpose)


def spec_of(folder: Path, override: Sequence[str] = (), *, with_mlflow: bool = False) -> EnvironmentSpec:
    """The environment that a model requires. Raises InvalidParameter for requirements that are refused."""
    spec = read_spec(folder)
    if not with_mlflow and _is_loaded_without_mlflow(folder):
        spec = spec.without(*_MLFLOW)
    return spec.with_lines(override)


def write_image(model_uri: str | None, folder: Path, image: Image, *, with_mlflow: bool = False) -> Path:
    """Write the Dockerfile of an image that serves a model, and the files that it copies, to a new or empty folder.

    Without a model, the image serves the model that is mounted when its container starts. Raises InvalidParameter.
    """
    model = fetch(model_uri) if model_uri else None
    spec = spec_of(model, with_mlflow=with_mlflow) if model else EnvironmentSpec()
    return write_context(model, folder, image, spec)


def _is_loaded_without_mlflow(folder: Path) -> bool:
    """Whether mlyard loads the model with its own flavor. Python models may import MLflow in their code."""
    entry = read_mlmodel(folder).flavors.get(PYTHON_FUNCTION) or {}
    loader = str(entry.get("loader_module", ""))
    flavor = flavor_of_loader(loader)
    return flavor is not None and flavor.FLAVOR != PYTHON_FUNCTION and not entry.get("code")
