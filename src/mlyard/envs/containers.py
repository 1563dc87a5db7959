"""The command line that runs a project's command in a container, with docker or podman. No shell takes part."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.envs.images import ENGINES, check_image_name

WORK_FOLDER = "/mlflow/projects/code"  # where MLflow mounts a project, too
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPTION = re.compile(r"[a-z][a-z0-9-]*|[a-zA-Z]")
_SOURCE = re.compile(r"[A-Za-z0-9_./~-]+")
_THIS_MACHINE = re.compile(r"[\w+]+://([^/]*@)?(localhost|127\.[0-9.]+|\[::1\])([:/].*)?")
_LOGS_TO = ("MLYARD_", "MLFLOW_", "AWS_", "GOOGLE_", "AZURE_")


class DockerEnv(msgspec.Struct, frozen=True, kw_only=True):
    """The ``docker_env`` of an MLproject file.

    ``volumes``: as docker's ``--volume`` takes them. ``variables``: names and values; None: the value that the variable
    has on this machine.
    """

    image: str
    volumes: tuple[str, ...] = ()
    variables: tuple[tuple[str, str | None], ...] = ()


def read_docker_env(content: Any) -> DockerEnv:
    """Check the ``docker_env`` of an MLproject file. Raises InvalidParameter."""
    if not isinstance(content, Mapping) or not isinstance(content.get("image"), str):
        raise InvalidParameter("docker_env needs an 'image', as in {image: python:3.12-slim}.")
    unknown = set(content) - {"image", "volumes", "environment"}
    if unknown:
        raise InvalidParameter(f"docker_env has an unknown key {sorted(map(str, unknown))[0]!r}.")
    return DockerEnv(
        image=check_image_name(content["image"]),
        volumes=tuple(_volume(each) for each in _list(content, "volumes")),
        variables=tuple(_variable(each) for each in _list(content, "environment")),
    )


def run_command(
    docker: DockerEnv,
    folder: Path,
    command: Sequence[str],
    variables: Mapping[str, str],
    arguments: Mapping[str, str | bool] | None = None,
) -> list[str]:
    """The argument list that runs a project's command in its image.

    ``variables`` are the command's environment variables; of these, the ones that say where to log are passed on, and
    the ones that ``docker_env`` names. Values that are passed on do not appear in the list: the engine reads them from
    its own environment. A tracking URI or artifact root that is a local folder is mounted at the same path; if a server
    on this machine is named, the container uses this machine's network.
    ``arguments`` are further options of the engine, such as ``{"gpus": "all"}``; True stands for an option without a
    value. Raises InvalidParameter.
    """
    passed = sorted(name for name in variables if name.startswith(_LOGS_TO) and _VARIABLE.fullmatch(name))
    own = [part for name, value in docker.variables for part in ("--env", name if value is None else f"{name}={value}")]
    mounts = [f"{folder}:{WORK_FOLDER}", *(f"{place}:{place}" for place in _local_places(variables)), *docker.volumes]
    return [
        engine(), "run", "--rm", "--init", "--workdir", WORK_FOLDER,
        *(part for mount in mounts for part in ("--volume", mount)),
        *(part for name in passed for part in ("--env", name)), *own,
        *_network(variables, arguments or {}), *_options(arguments or {}), "--", docker.image, *command,
    ]  # fmt: skip


def engine() -> str:
    """The path of docker or podman. Raises InvalidParameter when neither is installed."""
    for name in ENGINES:
        found = shutil.which(name)
        if found:
            return found
    raise InvalidParameter(
        f"The project's docker_env needs {' or '.join(ENGINES)}, and neither is installed. Install one, or use "
        "--env-manager local to run the command in the current environment."
    )


def _list(content: Mapping[str, Any], key: str) -> list[Any]:
    found = content.get(key) or []
    if not isinstance(found, list):
        raise InvalidParameter(f"The {key} of docker_env must be a list.")
    return found


def _volume(text: Any) -> str:
    parts = str(text).split(":")
    if len(parts) not in (2, 3) or not all(_SOURCE.fullmatch(part) for part in parts[:2]) or str(text).startswith("-"):
        raise InvalidParameter(f"docker_env lists the volume {text!r}: write /on/this/machine:/in/the/container.")
    if len(parts) == 3 and not re.fullmatch(r"[a-zA-Z,]+", parts[2]):
        raise InvalidParameter(f"docker_env lists the volume {text!r}: its options must be words such as ro.")
    return str(text)


def _variable(content: Any) -> tuple[str, str | None]:
    """MLflow's two forms: the name of a variable that is copied, or a pair of name and value."""
    name, value = content if isinstance(content, list) and len(content) == 2 else (content, None)
    if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
        raise InvalidParameter(f"docker_env lists the variable {content!r}: write NAME or [NAME, value].")
    return name, None if value is None else str(value)


def _local_places(variables: Mapping[str, str]) -> list[str]:
    """The folders on this machine that the command logs to."""
    found: dict[str, None] = {}
    for name in ("MLYARD_TRACKING_URI", "MLYARD_ARTIFACTS_DESTINATION"):
        place = _folder(variables.get(name, ""))
        if place:
            found[str(place)] = None
    return list(found)


def _network(variables: Mapping[str, str], arguments: Mapping[str, str | bool]) -> list[str]:
    """In a network of its own, 'localhost' would be the container."""
    servers = (value for name, value in variables.items() if name.endswith(("_URI", "_URL")))
    is_needed = any(_THIS_MACHINE.fullmatch(server) for server in servers)
    return ["--network=host"] if is_needed and not {"network", "net"} & set(arguments) else []


def _folder(uri: str) -> Path | None:
    if uri.startswith("sqlite:////"):
        return Path(uri.removeprefix("sqlite:///")).parent
    path = uri.removeprefix("file://")
    return Path(path) if path.startswith("/") else None


def _options(arguments: Mapping[str, str | bool]) -> Iterable[str]:
    for name, value in arguments.items():
        if not _OPTION.fullmatch(name):
            raise InvalidParameter(f"Invalid option {name!r} for the container: write the name without dashes.")
        dashes = "-" if len(name) == 1 else "--"
        if value is True:
            yield f"{dashes}{name}"
        elif value is not False:
            yield from (f"{dashes}{name}", str(value)) if len(name) == 1 else (f"{dashes}{name}={value}",)
