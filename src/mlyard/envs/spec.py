"""What an environment needs, read from the files that MLflow's models and projects have for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.core.requirement_lines import distribution_name
from mlyard.core.yaml_files import read_mapping
from mlyard.envs.requirements import CheckedRequirements, check_requirements

PYTHON_FILE, CONDA_FILE, REQUIREMENTS_FILE = "python_env.yaml", "conda.yaml", "requirements.txt"
_MINOR = re.compile(r"^\D*(?P<minor>\d+\.\d+)")
_CONDA_PACKAGE = re.compile(r"([A-Za-z0-9._-]+::)?[A-Za-z0-9._-]+([ =<>!~][A-Za-z0-9=<>!~.,*+_ |-]*)?")
_CHANNEL = re.compile(r"https://[A-Za-z0-9._/:-]+|[A-Za-z0-9][A-Za-z0-9._/-]*")
_log = logger("envs")


class EnvironmentSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What an environment needs. ``python``: major and minor version, such as '3.11'; None: any."""

    python: str | None = None
    requirements: CheckedRequirements = CheckedRequirements()
    conda_channels: tuple[str, ...] = ()
    conda_packages: tuple[str, ...] = ()

    def with_lines(self, lines: Iterable[str]) -> EnvironmentSpec:
        """A copy with more lines, which replace those of the same names."""
        new = check_requirements(lines, Path())
        named = {distribution_name(line) for line in new.lines} - {""}
        kept = tuple(line for line in self.requirements.lines if distribution_name(line) not in named)
        return msgspec.structs.replace(
            self, requirements=msgspec.structs.replace(self.requirements, lines=(*kept, *new.lines))
        )

    def without(self, *names: str) -> EnvironmentSpec:
        """A copy without the distributions of these names."""
        lines = tuple(line for line in self.requirements.lines if distribution_name(line) not in names)
        return msgspec.structs.replace(self, requirements=msgspec.structs.replace(self.requirements, lines=lines))

    def digest(self) -> str:
        """A digest that is equal for specs of the same environment. Files count by their content."""
        files = [hashlib.sha256(file.read_bytes()).hexdigest() for file in self.requirements.files]
        parts = [
            self.python, self.requirements.lines, self.requirements.constraints, files, self.conda_channels,
            self.conda_packages,
        ]  # fmt: skip
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def read_spec(folder: Path) -> EnvironmentSpec:
    """The environment of a model's folder, from python_env.yaml and requirements.txt, or else from conda.yaml.

    Raises InvalidParameter when a file is malformed, or contains a refused requirement.
    """
    env, conda = _yaml(folder / PYTHON_FILE), _yaml(folder / CONDA_FILE)
    packages, pip_lines = _conda_packages(conda)
    if env.get("dependencies"):
        lines = _dependencies(env, folder / PYTHON_FILE)
    elif (folder / REQUIREMENTS_FILE).is_file():
        lines = [f"-r {REQUIREMENTS_FILE}"]
    else:
        lines = pip_lines
    return EnvironmentSpec(
        python=_minor(str(env.get("python") or _conda_python(packages))),
        requirements=check_requirements(lines, folder),
        conda_channels=_channels(conda),
        conda_packages=tuple(packages),
    )


def read_file(kind: str, file: Path) -> EnvironmentSpec:
    """The environment that one file describes: a conda.yaml, python_env.yaml or requirements.txt under any name.

    ``kind`` is ``CONDA_FILE``, ``PYTHON_FILE`` or ``REQUIREMENTS_FILE``. Raises InvalidParameter when the file is
    missing or malformed, or contains a refused requirement.
    """
    if not file.is_file():
        raise InvalidParameter(f"The file {str(file)!r}, which describes the environment, does not exist.")
    if kind == REQUIREMENTS_FILE:
        return EnvironmentSpec(requirements=check_requirements([f"-r {file.name}"], file.parent))
    content = _yaml(file)
    if kind == PYTHON_FILE:
        lines = _dependencies(content, file)
        return EnvironmentSpec(
            python=_minor(str(content.get("python") or "")), requirements=check_requirements(lines, file.parent)
        )
    packages, lines = _conda_packages(content)
    return EnvironmentSpec(
        python=_minor(_conda_python(packages)),
        requirements=check_requirements(lines, file.parent),
        conda_channels=_channels(content),
        conda_packages=tuple(packages),
    )


def _dependencies(env: Mapping[str, Any], file: Path) -> list[str]:
    lines = env.get("dependencies") or []
    if not isinstance(lines, list):
        raise InvalidParameter(f"The dependencies in {str(file)!r} must be a list.")
    return [str(line) for line in lines]


def _conda_python(packages: Iterable[str]) -> str:
    found = [package for package in packages if re.match(r"python([\s=<>]|$)", package)]
    return found[0][len("python") :] if found else ""


def _minor(version: str) -> str | None:
    found = _MINOR.match(version)
    return found["minor"] if found else None


def _yaml(file: Path) -> Mapping[str, Any]:
    return read_mapping(file, "environment") if file.is_file() else {}


def _conda_packages(conda: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The packages that conda installs, and the lines for pip."""
    packages, lines = [], []
    for dependency in conda.get("dependencies") or ():
        if isinstance(dependency, Mapping):
            lines += [str(line) for line in dependency.get("pip") or ()]
        elif _CONDA_PACKAGE.fullmatch(str(dependency)) and not str(dependency).startswith("-"):
            packages.append(str(dependency))
        else:
            raise InvalidParameter(
                f"conda.yaml lists {dependency!r}: write the name of a conda package and its version, as in scipy=1.15."
            )
    return packages, lines


def _channels(conda: Mapping[str, Any]) -> tuple[str, ...]:
    channels = tuple(map(str, conda.get("channels") or ()))
    for channel in channels:
        if not _CHANNEL.fullmatch(channel):
            raise InvalidParameter(f"conda.yaml lists the channel {channel!r}: write a name or an https:// address.")
    return channels
