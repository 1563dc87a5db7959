"""Images that serve a model: a folder with a Dockerfile, and the command that builds it.

No input of a user or a model reaches a shell: steps are argument lists, requirements are in checked files beside
the Dockerfile, and image names must match a strict pattern.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.core.version import __version__
from mlyard.envs import python, uv
from mlyard.envs.engines import find_engine
from mlyard.envs.environment import CONDA, LOCAL, VIRTUALENV
from mlyard.envs.install import lines_of
from mlyard.envs.own import own_checkout, own_wheel
from mlyard.envs.spec import EnvironmentSpec

PORT = 8080
MODEL = "/opt/ml/model"
_HOME = "/home/mlyard"
_USER = 10001
_NAME = re.compile(
    r"(?=.{1,255}$)([a-z0-9]+([.-][a-z0-9]+)*(:[0-9]{1,5})?/)?"
    r"[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)*"
    r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?"
)
_READY = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}/ping', timeout=5)"


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """Options of an image. ``base``: the image to build on; None: the slim image of the model's Python version."""

    base: str | None = None
    env_manager: str | None = None
    workers: int = 1


def check_image_name(name: str, what: str = "an image") -> str:
    """Return a valid image name unchanged. Raises InvalidParameter for any other name."""
    if not _NAME.fullmatch(name):
        raise InvalidParameter(
            f"{name!r} is not a valid name for {what}: use lower-case letters, digits and . _ - / with a :tag, as in "
            "team/model:1.0."
        )
    return name


def write_context(model: Path | None, folder: Path, image: Image, spec: EnvironmentSpec) -> Path:
    """Write a Dockerfile and the files that it copies to a new or empty folder; returns the Dockerfile's path.

    ``model``: the folder of the model to copy. None: the model is mounted at /opt/ml/model, and its environment is
    created when the container starts. ``spec``: what the model needs. Raises InvalidParameter when the folder is not
    empty, or an image name is invalid.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidParameter(f"The folder {str(folder)!r} exists and is not empty: choose another folder.")
    if image.env_manager in (CONDA, VIRTUALENV):
        raise InvalidParameter(f"Images install with uv, not with {image.env_manager}: leave out --env-manager.")
    base = check_image_name(image.base or f"python:{python.version_for(spec.python)}-slim", "a base image")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if model:
            shutil.copytree(model, folder / "model")
        _write_requirements(folder / "install", spec)
        (folder / ".dockerignore").write_text("Dockerfile\n**/__pycache__\n", encoding="utf-8")
        steps = dockerfile(base, image.workers, with_model=model is not None)
        (folder / "Dockerfile").write_text(steps, encoding="utf-8")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder / "Dockerfile"


def dockerfile(base: str, workers: int, *, with_model: bool) -> str:
    """The text of the Dockerfile. The model comes last, so that models with the same requirements share layers."""
    serve = ["mlyard", "models", "serve", "-m", MODEL, "-h", "0.0.0.0", "-p", str(PORT)]  # noqa: S104 - inside a container
    serve += ["--workers", str(workers)] if workers > 1 else []
    serve += ["--env-manager", LOCAL if with_model else "uv"]
    install = ["uv", "pip", "install", "--system", "--no-cache", "--requirement", "requirements.txt"]
    lines = [
        f"FROM {base}",
        f"ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME={_HOME} MLYARD_ENV_ROOT={_HOME}/envs",
        _run("python", "-m", "pip", "install", "--no-cache-dir", "--root-user-action=ignore", "uv"),
        _run("useradd", "--uid", str(_USER), "--create-home", "--home-dir", _HOME, "mlyard"),
        "WORKDIR /opt/install",
        "COPY install/ /opt/install/",
        _run(*install),
        f"WORKDIR {_HOME}",
        *([f"COPY model/ {MODEL}/"] if with_model else []),
        f"USER {_USER}",
        f"EXPOSE {PORT}",
        f"HEALTHCHECK --interval=30s --timeout=6s --start-period=120s CMD {json.dumps(['python', '-c', _READY])}",
        f"ENTRYPOINT {json.dumps(serve)}",
    ]
    return "".join(f"{line}\n" for line in lines)


def _run(*arguments: str) -> str:
    return f"RUN {json.dumps(arguments)}"


def _write_requirements(folder: Path, spec: EnvironmentSpec) -> None:
    folder.mkdir()
    files = [Path(shutil.copy2(file, folder / file.name)).name for file in spec.requirements.files]
    own = _own(folder)
    lines = [own, *lines_of(spec), *(f"./{name}" for name in files)]
    if spec.requirements.constraints:
        constraints = "".join(f"{line}\n" for line in spec.requirements.constraints)
        (folder / "constraints.txt").write_text(constraints, encoding="utf-8")
        lines.append("-c constraints.txt")
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _own(folder: Path) -> str:
    """The requirement line for mlyard: its version from the index, its wheel, or one built from its checkout."""
    checkout, wheel = own_checkout(), own_wheel()
    if checkout:
        wheel = _built(checkout, folder)
    elif wheel:
        wheel = Path(shutil.copy2(wheel, folder / wheel.name))
    return f"./{wheel.name}[server]" if wheel else f"mlyard[server]=={__version__}"


def _built(checkout: Path, folder: Path) -> Path:
    command = [uv.find(), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(checkout)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - our own arguments
    if done.returncode:
        raise MlyardError(f"Cannot build mlyard's own wheel: {done.stderr.strip()[-2000:]}")
    (folder / ".gitignore").unlink(missing_ok=True)
    (wheel,) = folder.glob("mlyard-*.whl")
    return wheel


def build(folder: Path, name: str) -> None:
    """Build an image with docker or podman. Raises InvalidParameter without either, MlyardError if the build fails."""
    command = build_command(folder, name)
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - an argument list, its name checked
        raise MlyardError(f"{Path(command[0]).name} could not build the image {name!r}; its output is above.")


def build_command(folder: Path, name: str) -> Sequence[str]:
    """The command line that builds an image. Raises InvalidParameter without docker and podman."""
    check_image_name(name)
    engine = find_engine(
        "building an image", "write the Dockerfile with `mlyard models generate-dockerfile` and build it elsewhere"
    )
    return [engine, "build", "--tag", name, "--file", str(folder / "Dockerfile"), "--", str(folder)]
