"""Installs the requirements of a spec into an existing environment, with uv or pip."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mlyard.core.errors import InvalidParameter
from mlyard.core.requirement_lines import distribution_name
from mlyard.envs.own import own_arguments
from mlyard.envs.spec import EnvironmentSpec

# Every model needs these to take its input. A model that lists them decides on their versions.
_ALWAYS = ("numpy", "pandas", "cloudpickle")
_TAIL = 3000


def install(spec: EnvironmentSpec, command: Sequence[str], own: Sequence[str] | None = None) -> None:
    """Run the installer ``command`` with the requirements as arguments. ``own``: those that install mlyard.

    Raises InvalidParameter when it fails.
    """
    ours = own_arguments() if own is None else own
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        run([*command, *_arguments(spec, Path(temporary)), *ours], Path(temporary))


def _arguments(spec: EnvironmentSpec, folder: Path) -> list[str]:
    required = spec.requirements
    lines = [*lines_of(spec), *(file.as_uri() for file in required.files)]
    arguments = ["--requirement", str(_written(folder / "requirements.txt", lines))]
    if required.constraints:
        arguments += ["--constraint", str(_written(folder / "constraints.txt", required.constraints))]
    return arguments


def lines_of(spec: EnvironmentSpec) -> list[str]:
    """The requirement lines of a spec, plus the packages that every model needs."""
    lines = spec.requirements.lines
    named = {distribution_name(line) for line in lines}
    return [*lines, *(name for name in _ALWAYS if name not in named)]


def _written(file: Path, lines: Sequence[str]) -> Path:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def run(command: Sequence[str], folder: Path) -> None:
    """Run a tool in a folder. Raises InvalidParameter with its output when it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - an argument list; requirements are in checked files
    if done.returncode:
        output = (done.stderr.strip() or done.stdout.strip())[-_TAIL:]
        raise InvalidParameter(f"Cannot create the environment; {Path(command[0]).name} reports: {output}")
