"""Reads MLproject files: entry points, their parameters and the name of the environment.

The format is MLflow's: YAML with the keys name, entry_points, and one of conda_env, python_env and docker_env.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mlyard.core.errors import DoesNotExist, InvalidParameter

_NAME = re.compile(r"[A-Za-z_][\w\-]*")
_TYPES = ("string", "float", "int", "path", "uri")
_INTERPRETERS = {".py": "python", ".sh": "bash"}


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter of an entry point."""

    name: str
    type: str = "string"
    default: str | None = None


class EntryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A command with placeholders for its parameters, ``{name}``."""

    name: str
    command: str
    parameters: tuple[Parameter, ...] = ()

    def resolve(self, given: Mapping[str, str]) -> dict[str, str]:
        """The value of each parameter: the given one or the default. Raises InvalidParameter."""
        for name in given:
            _check_name(name)
        values = {p.name: _value(p, given.get(p.name, p.default), self.name) for p in self.parameters}
        return values | {name: value for name, value in given.items() if name not in values}

    def command_line(self, values: Mapping[str, str]) -> str:
        """The shell command. Each value is quoted, so that it stays one word even if it contains special characters."""
        quoted = {name: shlex.quote(value) for name, value in values.items()}
        declared = {parameter.name for parameter in self.parameters}
        extra = [f"--{name} {quoted[name]}" for name in values if name not in declared]
        try:
            command = self.command.format_map(quoted)
        except (KeyError, IndexError, ValueError) as error:
            raise InvalidParameter(
                f"The command of the entry point {self.name!r} has a placeholder without a parameter: {error}."
            ) from None
        return " ".join([command, *extra])


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a project's MLproject file, and its folder."""

    folder: Path
    name: str
    entry_points: dict[str, EntryPoint]
    environment: str | None = None

    def entry_point(self, name: str) -> EntryPoint:
        """The entry point of a name, or else the script of that name in the folder. Raises DoesNotExist."""
        if name in self.entry_points:
            return self.entry_points[name]
        script = (self.folder / name).resolve()
        interpreter = _INTERPRETERS.get(script.suffix)
        if interpreter and script.is_file() and script.is_relative_to(self.folder):
            return EntryPoint(name=name, command=f"{interpreter} {shlex.quote(name)}")
        raise DoesNotExist(
            f"The project {self.name!r} has no entry point {name!r}. It has: {', '.join(self.entry_points) or 'none'}."
        )


def read_project(folder: Path) -> Project:
    """Read a folder's MLproject file. Without one, the project has only its scripts.

    Raises DoesNotExist, InvalidParameter.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise DoesNotExist(f"There is no project at {str(folder)!r}: it is not a folder.")
    content = _content(folder)
    points = _mapping(content.get("entry_points") or {}, "entry_points")
    environments = [key for key in ("conda_env", "python_env", "docker_env") if content.get(key)]
    return Project(
        folder=folder,
        name=str(content.get("name") or folder.name),
        entry_points={name: _entry_point(name, _mapping(point, name)) for name, point in points.items()},
        environment=environments[0] if environments else None,
    )


def python_first_on_path() -> str:
    """The folder to put first on PATH, so that commands find this interpreter as 'python'."""
    return str(Path(sys.executable).parent)


def _content(folder: Path) -> dict[str, Any]:
    files = [file for file in sorted(folder.iterdir()) if file.name.lower() == "mlproject" and file.is_file()]
    if not files:
        return {}
    try:
        content = yaml.safe_load(files[0].read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidParameter(f"The file {str(files[0])!r} is not valid YAML: {error}") from None
    return _mapping(content or {}, "MLproject")


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidParameter(f"In the MLproject file, {what!r} must be a mapping, not {value!r}.")
    return {str(key): item for key, item in value.items()}


def _entry_point(name: str, content: dict[str, Any]) -> EntryPoint:
    parameters = _mapping(content.get("parameters") or {}, f"parameters of {name}")
    if not isinstance(content.get("command"), str):
        raise InvalidParameter(
            f"In the MLproject file, the entry point {name!r} must have a 'command' that is a string."
        )
    return EntryPoint(
        name=name,
        command=content["command"],
        parameters=tuple(_parameter(key, value) for key, value in parameters.items()),
    )


def _parameter(name: str, content: Any) -> Parameter:
    _check_name(name)
    fields = content if isinstance(content, dict) else {"type": content}
    kind, default = str(fields.get("type", "string")), fields.get("default")
    if kind not in _TYPES:
        raise InvalidParameter(f"The parameter {name!r} has the unknown type {kind!r}: use one of {', '.join(_TYPES)}.")
    return Parameter(name=name, type=kind, default=None if default is None else str(default))


def _value(parameter: Parameter, text: str | None, entry_point: str) -> str:
    if text is None:
        raise InvalidParameter(
            f"No value given for the parameter {parameter.name!r} of the entry point {entry_point!r}: "
            f"pass it with -P {parameter.name}=…"
        )
    try:
        {"float": float, "int": int}.get(parameter.type, str)(text)
    except ValueError:
        raise InvalidParameter(
            f"The parameter {parameter.name!r} must be of type {parameter.type}, not {text!r}."
        ) from None
    if parameter.type == "path" and "://" not in text:
        return str((Path.cwd() / text).resolve())
    return text


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidParameter(f"Invalid parameter name {name[:100]!r}: use letters, digits, '_' and '-'.")
