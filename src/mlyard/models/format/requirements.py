"""A model's requirements, and the files that record them in its folder.

The files are requirements.txt, conda.yaml and python_env.yaml, in MLflow's format.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mlyard.core.errors import InvalidParameter
from mlyard.core.requirement_lines import distribution_name, read_lines
from mlyard.core.yaml_files import read_mapping
from mlyard.models.format.options import SaveOptions

CONDA_FILE = "conda.yaml"
PYTHON_FILE = "python_env.yaml"
REQUIREMENTS_FILE = "requirements.txt"
CONSTRAINTS_FILE = "constraints.txt"
ENV = {"conda": CONDA_FILE, "virtualenv": PYTHON_FILE}
"""The ``env`` entry of the python_function flavor."""
_EXCLUSIVE = ("conda_env", "pip_requirements", "extra_pip_requirements")


class Requirements(msgspec.Struct, frozen=True):
    """Lines of requirements, and of constraints on the versions of their dependencies."""

    lines: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()


def read_requirements(given: Sequence[str] | str | Path) -> Requirements:
    """Read requirements from a list or from a file, including the files in ``-r`` and ``-c`` lines.

    Raises InvalidParameter if a file cannot be read or refers to itself.
    """
    if isinstance(given, (str, Path)):
        given = [f"-r {given}"]
    lines: dict[str, None] = {}
    constraints: dict[str, None] = {}
    for line, is_constraint in read_lines(given, Path(), lambda name, base: (base / name).resolve()):
        (constraints if is_constraint else lines)[line] = None
    return Requirements(tuple(lines), tuple(constraints))


def pinned(distributions: Iterable[str]) -> tuple[str, ...]:
    """``name==version`` for each distribution that is installed."""
    return tuple(filter(None, map(_pin, distributions)))


def _pin(distribution: str) -> str | None:
    try:
        # Package indexes do not list local versions such as '2.13.0+cpu', so the public version is pinned.
        return f"{distribution}=={version(distribution).partition('+')[0]}"
    except PackageNotFoundError:
        return None


def merged(requirements: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Both lists; a line in ``more`` replaces the line in ``requirements`` for the same distribution."""
    named = {distribution_name(line) for line in more} - {""}
    return (*(line for line in requirements if distribution_name(line) not in named), *more)


def check_requirements(options: SaveOptions) -> None:
    """Raises InvalidParameter if more than one kind of requirements is given."""
    given = [name for name in _EXCLUSIVE if options.get(name)]
    if len(given) > 1:
        raise InvalidParameter(f"Only one of {', '.join(_EXCLUSIVE)} can be given, not {' and '.join(given)}.")


def save_environment(folder: Path, options: SaveOptions, infer: Callable[[], tuple[str, ...]]) -> None:
    """Write the files; ``infer`` is called for the requirements if the options contain none."""
    conda_env = options.get("conda_env")
    if conda_env:
        conda = read_mapping(conda_env, "conda environment")
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
    """The requirements in the pip section of a conda environment."""
    for dependency in conda.get("dependencies") or ():
        if isinstance(dependency, Mapping) and "pip" in dependency:
            return read_requirements(list(dependency["pip"] or ()))
    return Requirements()


def change_requirements(folder: Path, change: Callable[[Sequence[str]], list[str]]) -> None:
    """Rewrite requirements.txt and the pip section of conda.yaml."""
    lines = change(_lines(folder / REQUIREMENTS_FILE))
    (folder / REQUIREMENTS_FILE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    conda_file = folder / CONDA_FILE
    if not conda_file.is_file():
        return
    conda: dict[str, Any] = yaml.safe_load(conda_file.read_text(encoding="utf-8")) or {}
    others = [each for each in conda.get("dependencies") or () if not (isinstance(each, dict) and "pip" in each)]
    conda["dependencies"] = [*others, {"pip": lines}]
    conda_file.write_text(yaml.safe_dump(conda, sort_keys=False), encoding="utf-8")


def _lines(file: Path) -> list[str]:
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return [line.strip() for line in text.splitlines() if line.strip()]
