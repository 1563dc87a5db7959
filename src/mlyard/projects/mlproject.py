"""Reads a project's folder: its MLproject file, or what stands in for one.

The format is MLflow's: YAML with the keys name, entry_points, and at most one that names the environment.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Literal

import msgspec

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.envs.containers import DockerEnv
from mlyard.envs.images import check_image_name
from mlyard.projects.entry_points import NAME_RULE, TYPES, EntryPoint, Parameter, check_name
from mlyard.projects.yaml_places import Place, read_yaml

Kind = Literal["conda", "python", "docker", "uv"]
_KEYS: dict[str, Kind] = {"conda_env": "conda", "python_env": "python", "docker_env": "docker", "uv_env": "uv"}
_INTERPRETERS = {".py": "python", ".sh": "bash"}
_PLACE = r"[A-Za-z0-9_./~][A-Za-z0-9_./~-]*"
_VOLUME = re.compile(rf"{_PLACE}:{_PLACE}(:[a-zA-Z,]+)?")
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class ProjectEnv(msgspec.Struct, frozen=True, kw_only=True):
    """The environment that a project names: ``file`` is relative to the project's folder, ``docker`` for its kind."""

    kind: Kind
    file: str | None = None
    docker: DockerEnv | None = None


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project's folder and what its files say of it."""

    folder: Path
    name: str
    entry_points: dict[str, EntryPoint]
    environment: ProjectEnv | None = None

    def entry_point(self, name: str) -> EntryPoint:
        """The entry point of a name, or else the script of that name in the folder. Raises DoesNotExist."""
        if name in self.entry_points:
            return self.entry_points[name]
        script = (self.folder / name).resolve()
        interpreter = _INTERPRETERS.get(script.suffix)
        if interpreter and script.is_file() and script.is_relative_to(self.folder):
            path = shlex.quote(f"./{name}" if name.startswith("-") else name)
            return EntryPoint(name=name, command=f"{interpreter} {path.replace('{', '{{').replace('}', '}}')}")
        known = ", ".join(self.entry_points) or "none"
        scripts = ", ".join(sorted(file.name for file in self.folder.iterdir() if file.suffix in _INTERPRETERS))
        raise DoesNotExist(
            f"The project {self.name!r} has no entry point {name!r}. It has: {known}. Scripts in its folder are entry "
            f"points too: {scripts or 'there are none'}."
        )


def read_project(folder: Path) -> Project:
    """Read a folder's MLproject file. Without one, the project has only its scripts.

    Raises DoesNotExist if there is no folder, and InvalidParameter, which names the file and the line.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise DoesNotExist(f"There is no project at {str(folder)!r}: it is not a folder.")
    files = [file for file in sorted(folder.iterdir()) if file.name.lower() == "mlproject" and file.is_file()]
    root = read_yaml(files[0]) if files else None
    content = root.mapping("a mapping with the keys name and entry_points") if root else {}
    points = content["entry_points"].mapping("a mapping of entry points by name") if "entry_points" in content else {}
    name = content["name"].text("the project's name") if "name" in content and not content["name"].is_empty else ""
    return Project(
        folder=folder,
        name=name or folder.name,
        entry_points={name: _entry_point(name, point) for name, point in points.items()},
        environment=_environment(content, folder),
    )


def _entry_point(name: str, place: Place) -> EntryPoint:
    content = place.mapping("a mapping with the keys command and parameters")
    if "command" not in content:
        place.refuse("a mapping with the key 'command'")
    parameters = content["parameters"].mapping("a mapping of parameters by name") if "parameters" in content else {}
    return EntryPoint(
        name=name,
        command=content["command"].string("the command as a string"),
        parameters=tuple(_parameter(key, value) for key, value in parameters.items()),
    )


def _parameter(name: str, place: Place) -> Parameter:
    try:
        check_name(name)
    except InvalidParameter:
        place.refuse(f"below a name of {NAME_RULE}, not {name[:100]!r}")
    fields = place.mapping("") if place.is_mapping or place.is_empty else {"type": place}
    kind, default = fields.get("type"), fields.get("default")
    expected = f"one of the types {', '.join(TYPES)}"
    found = kind.text(expected) if kind else "string"
    if kind and found not in TYPES:
        kind.refuse(f"{expected}, not {found!r}")
    text = None if default is None or default.is_empty else default.text("a single value")
    return Parameter(name=name, type=found, default=text)


def _environment(content: dict[str, Place], folder: Path) -> ProjectEnv | None:
    named = [key for key in _KEYS if key in content and not content[key].is_empty]
    if len(named) > 1:
        content[named[1]].refuse(f"left out, because {named[0]!r} already names the environment")
    if named:
        kind, place = _KEYS[named[0]], content[named[0]]
        if kind == "docker":
            return ProjectEnv(kind=kind, docker=_docker(place))
        return ProjectEnv(kind=kind, file=_file(place))
    return _implied(folder, has_file=bool(content))


def _implied(folder: Path, *, has_file: bool) -> ProjectEnv | None:
    """The environment of a folder that names none: uv's own files, or else the conda.yaml beside the scripts."""
    if (folder / "pyproject.toml").is_file() and (folder / "uv.lock").is_file():
        return ProjectEnv(kind="uv", file="pyproject.toml")
    if not has_file and (folder / "conda.yaml").is_file():
        return ProjectEnv(kind="conda", file="conda.yaml")
    return None


def _file(place: Place) -> str:
    expected = "the path of a file in the project's folder"
    path = place.string(expected)
    if path.startswith(("/", "~")) or "\\" in path or ".." in path.split("/") or not path.isprintable():
        place.refuse(f"{expected}, not {path[:100]!r}")
    return path


def _docker(place: Place) -> DockerEnv:
    content = place.mapping("a mapping with the keys image, volumes and environment")
    if "image" not in content:
        place.refuse("a mapping with the key 'image'")
    image = content["image"].string("the name of an image")
    try:
        check_image_name(image)
    except InvalidParameter:
        content["image"].refuse(f"the name of an image, such as team/name:1, not {image[:100]!r}")
    volumes = content["volumes"].items("a list of volumes") if "volumes" in content else []
    variables = content["environment"].items("a list of variables") if "environment" in content else []
    return DockerEnv(
        image=image,
        volumes=tuple(_volume(item) for item in volumes),
        environment=dict(_variable(item) for item in variables),
    )


def _volume(place: Place) -> str:
    expected = "a volume such as /data:/data:ro"
    volume = place.string(expected)
    if not _VOLUME.fullmatch(volume):
        place.refuse(f"{expected}, not {volume[:100]!r}")
    return volume


def _variable(place: Place) -> tuple[str, str | None]:
    """A variable: its name, whose value is the caller's; or a list of its name and its value."""
    expected = "the name of a variable, or a list of a name and a value"
    parts = place.items(expected) if place.is_list else [place]
    name = parts[0].string(expected) if parts else ""
    if len(parts) not in {1, 2} or not _VARIABLE.fullmatch(name):
        place.refuse(expected)
    return name, parts[1].text(expected) if len(parts) == 2 else None
