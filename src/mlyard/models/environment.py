"""What a model needs to be loaded elsewhere: requirements.txt, conda.yaml and python_env.yaml, as MLflow has them."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from mlyard.core.errors import InvalidParameter
from mlyard.models.options import SaveOptions
from mlyard.models.requirements import Requirements, merged, read_requirements

CONDA_FILE = "conda.yaml"
PYTHON_FILE = "python_env.yaml"
REQUIREMENTS_FILE = "requirements.txt"
CONSTRAINTS_FILE = "constraints.txt"
ENV = {"conda": CONDA_FILE, "virtualenv": PYTHON_FILE}
"""The ``env`` entry of the python_function flavor."""
_EXCLUSIVE = ("conda_env", "pip_requirements", "extra_pip_requirements")


def check_requirements(options: SaveOptions) -> None:
    """Raises InvalidParameter when more than one kind of requirements is given."""
    given = [name for name in _EXCLUSIVE if options.get(name)]
    if len(given) > 1:
        raise InvalidParameter(f"Only one of {', '.join(_EXCLUSIVE)} can be given, not {' and '.join(given)}.")


def save_environment(folder: Path, options: SaveOptions, infer: Callable[[], tuple[str, ...]]) -> None:
    """Write the files; ``infer`` is asked for requirements where the options name none."""
    conda_env = options.get("conda_env")
    if conda_env:
        conda = _read_conda(conda_env)
        write_environment(folder, requirements_of_conda(conda), conda)
        return
    given = options.get("pip_requirements")
    if given is not None:
        write_environment(folder, read_requirements(given))
        return
    extra = read_requirements(options.get("extra_pip_requirements") or [])
    write_environment(folder, Requirements(merged(infer(), extra.lines), extra.constraints))


def write_environment(folder: Path, requirements: Requirements, conda: Mapping[str, Any] | None = None) -> None:
    """Write the files for this Python and these requirements."""
    lines = list(requirements.lines)
    if requirements.constraints:
        (folder / CONSTRAINTS_FILE).write_text("\n".join(requirements.constraints) + "\n", encoding="utf-8")
        lines.append(f"-c {CONSTRAINTS_FILE}")
    (folder / REQUIREMENTS_FILE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    python = platform.python_version()
    content = conda or {
        "name": "mlyard-env",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", "pip", {"pip": lines}],
    }
    (folder / CONDA_FILE).write_text(yaml.safe_dump(dict(content), sort_keys=False), encoding="utf-8")
    env = {
        "python": python,
        "build_dependencies": ["pip", "setuptools", "wheel"],
        "dependencies": [f"-r {REQUIREMENTS_FILE}"],
    }
    (folder / PYTHON_FILE).write_text(yaml.safe_dump(env, sort_keys=False), encoding="utf-8")


def requirements_of_conda(conda: Mapping[str, Any]) -> Requirements:
    """What a conda environment has pip install."""
    for dependency in conda.get("dependencies") or ():
        if isinstance(dependency, Mapping) and "pip" in dependency:
            return read_requirements(list(dependency["pip"] or ()))
    return Requirements()


def _read_conda(given: Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    try:
        content = yaml.safe_load(Path(given).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidParameter(f"The conda environment {str(given)!r} cannot be read: {error}.") from None
    if not isinstance(content, Mapping):
        raise InvalidParameter(f"The file {str(given)!r} holds no conda environment: it must be a YAML mapping.")
    return content
