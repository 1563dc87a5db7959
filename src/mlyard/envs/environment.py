"""Environments on disk. Each is created once for a spec, shared by all who need it, and used only when complete."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.envs import conda, uv, virtualenv
from mlyard.envs.cache import cached
from mlyard.envs.own import own_digest
from mlyard.envs.spec import EnvironmentSpec

LOCAL, UV, VIRTUALENV, CONDA = "local", "uv", "virtualenv", "conda"
MANAGERS = (LOCAL, UV, VIRTUALENV, CONDA)
_BUILDERS = {UV: uv.build, VIRTUALENV: virtualenv.build, CONDA: conda.build}
# Variables that would make the other Python find this one's modules.
_OF_THIS_PYTHON = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__")
_log = logger("envs")


class Environment(msgspec.Struct, frozen=True):
    """An environment that is ready."""

    place: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.place / "bin" / "python"

    def variables(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment variables of a process in it."""
        kept = {name: value for name, value in os.environ.items() if name not in _OF_THIS_PYTHON}
        path = os.pathsep.join([str(self.place / "bin"), os.environ.get("PATH", os.defpath)])
        kind = "CONDA_PREFIX" if (self.place / "conda-meta").is_dir() else "VIRTUAL_ENV"
        return {**kept, "PATH": path, kind: str(self.place), **(extra or {})}

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The command line of ``mlyard <arguments>`` in it."""
        return [str(self.python), "-m", "mlyard", *arguments]

    def run(self, arguments: Sequence[str], extra: Mapping[str, str] | None = None) -> int:
        """Run ``mlyard <arguments>`` in it and wait. Signals to this process are forwarded. Returns the exit status."""
        process = subprocess.Popen(self.command(arguments), env=self.variables(extra))  # noqa: S603 - our own command
        with _forwarded_signals(process):
            return process.wait()


@contextmanager
def _forwarded_signals(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Forward SIGTERM and SIGINT to a process. Only the main thread can do this; in others, nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, lambda sent, _: process.send_signal(sent))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_in(environment: Environment, arguments: Sequence[str], extra: Mapping[str, str] | None = None) -> NoReturn:
    """Replace this process by ``mlyard <arguments>`` in an environment."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(environment.python, environment.command(arguments), environment.variables(extra))  # noqa: S606 - deliberately without a shell


def check_manager(manager: str) -> None:
    """Raise InvalidParameter for an unknown manager."""
    if manager not in MANAGERS:
        raise InvalidParameter(f"The environment manager {manager!r} is not supported: use {', '.join(MANAGERS)}.")


def prepare(spec: EnvironmentSpec, manager: str = UV, purpose: str = "") -> Environment:
    """The environment of a spec with mlyard in it, created if necessary. ``manager``: uv, virtualenv or conda.

    ``purpose``: what needs it, for the list of environments.

    Raises InvalidParameter for another manager, when the tool is missing, or when the requirements cannot be
    installed. A failure leaves nothing behind.
    """
    check_manager(manager)
    if manager not in _BUILDERS:
        raise InvalidParameter(
            f"The environment manager {manager!r} does not create environments: use {', '.join(_BUILDERS)}."
        )

    def make(place: Path) -> None:
        _log.info("Creating the environment %s with %s: %s", place, manager, ", ".join(spec.requirements.lines))
        _BUILDERS[manager](spec, place)

    return Environment(cached(f"{manager} {own_digest()} {spec.digest()}", make, purpose))
