"""The command line that runs a project's command in a container, with docker or podman. No shell takes part."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.envs.engines import find_engine
from mlyard.envs.images import check_image_name

WORK_FOLDER = "/mlflow/projects/code"  # where MLflow mounts a project, too
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPTION = re.compile(r"[a-z][a-z0-9-]*|[a-zA-Z]")
_THIS_MACHINE = re.compile(r"[\w+]+://([^/]*@)?(localhost|127\.[0-9.]+|\[::1\])([:/].*)?")
_UNBUFFERED = "PYTHONUNBUFFERED"
_LOGS_TO = ("MLYARD_", "MLFLOW_", "AWS_", "GOOGLE_", "AZURE_")


class DockerEnv(msgspec.Struct, frozen=True, kw_only=True):
    """The ``docker_env`` of an MLproject file.

    ``volumes``: as docker's ``--volume`` takes them. ``environment``: the value of each variable; None: the value that
    it has on this machine.
    """

    image: str
    volumes: tuple[str, ...] = ()
    environment: Mapping[str, str | None] = {}


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """A container for one command.

    ``image``: the image to run. ``docker``: what the project says. ``folder``: the project, to be mounted; None: it is
    in the image. ``paths``: what the command reads besides, at the same paths. ``arguments``: further options of the
    engine, such as ``{"gpus": "all"}``; True stands for an option without a value.
    """

    name: str
    image: str
    docker: DockerEnv
    folder: Path | None = None
    paths: tuple[str, ...] = ()
    arguments: Mapping[str, str | bool] = {}


def container_command(container: Container, variables: Mapping[str, str]) -> list[str]:
    """The arguments that run a command in a container; the command follows them.

    ``variables`` are those of the engine's process. Of these, the command gets the ones that say where to log, and the
    ones that ``docker_env`` names. Values that are passed on do not appear in the list: the engine reads them from its
    own environment. A tracking URI or artifact root that is a local folder is mounted at the same path; if a server on
    this machine is named, the container uses this machine's network.

    Raises InvalidParameter if an option or a path is refused, no engine is installed, or it cannot get the image.
    """
    tool, docker = _engine(), container.docker
    _pull(tool, container.image)
    passed = sorted(name for name in variables if _is_passed(name))
    given = [name if value is None else f"{name}={value}" for name, value in docker.environment.items()]
    code = [_mount(container.folder, WORK_FOLDER)] if container.folder else []
    mounts = [*code, *(_mount(place) for place in _local_places(variables)), *docker.volumes]
    reads = [f"{_mount(path)}:ro" for path in container.paths]
    return [
        tool, "run", "--rm", "--init", "--name", container.name, "--workdir", WORK_FOLDER,
        *(part for mount in (*mounts, *reads) for part in ("--volume", mount)),
        *(part for name in (*passed, *given) for part in ("--env", name)),
        *_network(variables, container.arguments), *_options(container.arguments), "--", container.image,
    ]  # fmt: skip


def removal(name: str) -> list[str]:
    """The command that ends a container, also when the process that started it was killed."""
    return [_engine(), "rm", "--force", "--", name]


def project_image(base: str, folder: Path, name: str, commit: str | None) -> str:
    """Build an image with a project's folder in it, on the image that the project names; returns its name.

    Raises InvalidParameter without an engine, or when the build fails.
    """
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "project"
    return _built(base, folder, f"{words}:{commit[:7] if commit else 'latest'}")


def pushed_image(base: str, folder: Path, repository: str, tag: str) -> str:
    """Build an image as ``project_image`` does, and push it to a repository of a registry; returns its name.

    Raises InvalidParameter without an engine, or when the build or the push fails.
    """
    image = _built(base, folder, f"{repository}:{tag}")
    _succeed([_engine(), "push", image], f"push the image {image!r}")
    return image


def _built(base: str, folder: Path, image: str) -> str:
    tool = _engine()
    check_image_name(image)
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        steps = Path(temporary, "Dockerfile")
        steps.write_text(f"FROM {base}\nCOPY . {WORK_FOLDER}\nWORKDIR {WORK_FOLDER}\n", encoding="utf-8")
        _succeed([tool, "build", "--tag", image, "--file", str(steps), "--", str(folder)], "build an image")
    return image


def _pull(tool: str, image: str) -> None:
    found = subprocess.run([tool, "image", "inspect", "--", image], capture_output=True, check=False)  # noqa: S603 - an argument list; the name is checked
    if found.returncode:
        _succeed([tool, "pull", "--", image], f"get the image {image!r}")


def _succeed(command: list[str], what: str) -> None:
    """Run the engine; its progress is shown. Raises InvalidParameter with its last line when it fails."""
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)  # noqa: S603 - an argument list; the name is checked
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise InvalidParameter(f"{Path(command[0]).name} cannot {what}: {lines[-1]}")


def _is_passed(name: str) -> bool:
    return (name.startswith(_LOGS_TO) or name == _UNBUFFERED) and bool(_VARIABLE.fullmatch(name))


def _mount(place: Path | str, target: str | None = None) -> str:
    """A volume. Raises InvalidParameter for a path that the engine would read as something else."""
    path = str(place)
    if ":" in path:
        raise InvalidParameter(f"The path {path!r} cannot be mounted in a container, because it has a ':'.")
    return f"{path}:{target or path}"


def _engine() -> str:
    return find_engine("a docker_env", "use --env-manager local to run the command in the current environment")


def _local_places(variables: Mapping[str, str]) -> list[str]:
    """The folders on this machine that the command logs to."""
    found: dict[str, None] = {}
    for name in ("MLYARD_TRACKING_URI", "MLYARD_ARTIFACTS_DESTINATION"):
        place = _folder(variables.get(name, ""))
        if place:
            place.mkdir(parents=True, exist_ok=True)  # only what exists can be mounted
            found[str(place)] = None
    return list(found)


def _network(variables: Mapping[str, str], arguments: Mapping[str, str | bool]) -> list[str]:
    """In a network of its own, 'localhost' would be the container."""
    servers = (value for name, value in variables.items() if name.endswith(("_URI", "_URL")))
    is_needed = any(_THIS_MACHINE.fullmatch(server) for server in servers)
    return ["--network=host"] if is_needed and not {"network", "net"} & set(arguments) else []


def _folder(uri: str) -> Path | None:
    if uri.startswith("sqlite:////"):
        return Path(unquote(uri.removeprefix("sqlite:///").partition("?")[0])).parent
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
