"""Adds a model's libraries to its folder as wheels, so that it can be loaded without a package index."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from mlyard.client.fluent import active_run
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.domain.artifacts import RESERVED
from mlyard.domain.uris import ModelUri, is_model_uri, parse_model_uri
from mlyard.models.format.metadata import MLmodel, read_mlmodel
from mlyard.models.format.requirements import CONSTRAINTS_FILE, REQUIREMENTS_FILE, change_requirements
from mlyard.models.info import ModelInfo
from mlyard.models.load import fetch
from mlyard.models.log import log_prepared
from mlyard.models.save import folder_size

__all__ = ["add_libraries_to_model"]

FOLDER = "wheels"
ORIGINAL = "original_requirements.txt"
_NAME = "model-with-libraries"


def add_libraries_to_model(
    model_uri: str, run_id: str | None = None, registered_model_name: str | None = None
) -> ModelInfo:
    """Log a copy of a model that contains the wheels of its requirements, and register it as a new version.

    The wheels are collected with ``pip wheel``, which needs a package index or ``PIP_FIND_LINKS``.

    Args:
        model_uri: The model: usually ``models:/<name>/<version>``; any other model URI needs ``registered_model_name``.
        run_id: The run to log the copy to. Default: the active run, or the run that logged the model.
        registered_model_name: The registered model that gets the new version. Default: the name in ``model_uri``.

    Returns:
        The logged copy.

    Raises:
        InvalidParameter: The model already contains its wheels, lists no requirements, or its name is unknown.
        MlyardError: pip could not collect the wheels; the message has its output.
        DoesNotExist: There is no model at ``model_uri``.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> with mlyard.start_run():
        ...     info = mlyard.sklearn.log_model(
        ...         model, name="line", pip_requirements=["scikit-learn"], registered_model_name="Line"
        ...     )
        >>> mlyard.models.add_libraries_to_model("models:/Line/1").registered_model_version
        2
    """
    source = parse_model_uri(str(model_uri)) if is_model_uri(str(model_uri)) else ModelUri()
    name = registered_model_name or (source.name if source.version else "")
    if not name:
        raise InvalidParameter(
            f"{model_uri!r} is not of the form models:/<name>/<version>: pass 'registered_model_name'."
        )
    origin = read_mlmodel(fetch(model_uri))

    def prepare(folder: Path, model: MLmodel) -> MLmodel:
        shutil.copytree(fetch(model_uri), folder, ignore=shutil.ignore_patterns(RESERVED))
        with_wheels(folder)
        model.model_size_bytes = folder_size(folder)
        model.save(folder)
        return model

    run = run_id or (None if active_run() else origin.run_id)
    return log_prepared(_NAME, prepare, {"registered_model_name": name}, run, origin)


def with_wheels(folder: Path) -> Path:
    """Put the wheels of a model's requirements into its folder, make them its requirements, and return the folder."""
    if (folder / FOLDER).exists():
        raise InvalidParameter(f"The model at {str(folder)!r} already contains its libraries.")
    if not (folder / REQUIREMENTS_FILE).is_file():
        raise InvalidParameter(f"The model at {str(folder)!r} lists no requirements: {REQUIREMENTS_FILE} is missing.")
    _download(folder)
    (folder / ORIGINAL).write_bytes((folder / REQUIREMENTS_FILE).read_bytes())
    wheels = sorted(file.name for file in (folder / FOLDER).iterdir())
    change_requirements(folder, lambda _: [f"{FOLDER}/{name}" for name in wheels])
    return folder


def _download(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--only-binary=:all:", "--quiet", "--disable-pip-version-check"]
    lines = (folder / REQUIREMENTS_FILE).read_text(encoding="utf-8").splitlines()
    options = [line for line in lines if line.strip().startswith("-")]
    if any(line.strip() != f"-c {CONSTRAINTS_FILE}" for line in options):
        raise InvalidParameter(
            f"Options in a model's requirements are not supported: {options}. Set PIP_INDEX_URL or "
            "PIP_EXTRA_INDEX_URL to choose an index, and PIP_FIND_LINKS to choose a folder of wheels."
        )
    # pip runs in the model's folder, because requirements may name files relative to it.
    done = subprocess.run(  # noqa: S603 - an argument list; the model only controls the file of requirements
        [*command, "--wheel-dir", FOLDER, "-r", REQUIREMENTS_FILE],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise MlyardError(
            f"The wheels of the model's requirements could not be collected: {done.stderr.strip()[-1000:]}"
        )
