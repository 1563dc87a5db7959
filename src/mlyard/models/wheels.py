"""Models that bring their libraries along, as wheels, so that they load where no package index is in reach."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from mlyard.client.fluent import active_run
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.domain.artifacts import RESERVED
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
_VERSION = re.compile(r"models:/(?P<name>[^/@]+)/\d+")


def add_libraries_to_model(
    model_uri: str, run_id: str | None = None, registered_model_name: str | None = None
) -> ModelInfo:
    """Log a copy of a registered model with the wheels of its requirements, as the next version.

    The copy is logged to ``run_id``, else to the active run, else to the run that made the model; it is
    registered as ``registered_model_name``, by default the name in ``model_uri`` (``models:/name/version``).
    Raises InvalidParameter when the model has its wheels already, or is no version and no name is given.
    """
    version = _VERSION.fullmatch(str(model_uri))
    name = registered_model_name or (version["name"] if version else None)
    if name is None:
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
    """Put the wheels of a model's requirements into its folder, and require them; the folder."""
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
    # In the model's folder: its requirements name files beside them.
    done = subprocess.run(  # noqa: S603 - an argument list; requirements are a file's, not options of ours
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
