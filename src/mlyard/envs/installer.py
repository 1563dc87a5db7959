"""Makes an environment of given packages, with uv or with venv and pip."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import distributions
from pathlib import Path

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.envs import python, uv, virtualenv
from mlyard.envs.install import run


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """A Python to make an environment of.

    ``asked``: the version that was asked for; None: any. ``wanted``: that, or the oldest supported one if it is newer.
    """

    path: str
    version: str
    asked: str | None
    wanted: str


def choose_with_uv(asked: str | None, oldest: str) -> Interpreter:
    """The Python that was asked for, or else the nearest one from ``oldest`` on that uv can have."""
    first, *others = python.nearest(asked, oldest)
    tries = [(first, False), (first, True), *((version, False) for version in others)]
    return _first(asked, tries, lambda version, download: uv.interpreter(version, download=download))


def choose_installed(asked: str | None, oldest: str) -> Interpreter:
    """The same among the installed ones."""
    tries = [(version, False) for version in python.nearest(asked, oldest)]
    return _first(asked, tries, lambda version, _: virtualenv.interpreter(version))


def _first(
    asked: str | None, tries: Sequence[tuple[str, bool]], find: Callable[[str, bool], str | None]
) -> Interpreter:
    for version, download in tries:
        path = find(version, download)
        if path:
            return Interpreter(path=path, version=version, asked=asked, wanted=tries[0][0])
    raise InvalidParameter(f"No Python from {python.OLDEST} to {python.NEWEST} is installed: install one of them.")


def make_with_uv(interpreter: Interpreter, place: Path, lines: Sequence[str]) -> None:
    """Create an environment and install exactly these lines. Raises InvalidParameter."""
    command = uv.find()
    run([command, "venv", "--quiet", "--python", interpreter.path, str(place)], place.parent)
    _install([command, "pip", "install", "--quiet", "--python", str(place / "bin" / "python")], lines)


def make_with_venv(interpreter: Interpreter, place: Path, lines: Sequence[str]) -> None:
    """The same with Python's own tools."""
    run([interpreter.path, "-m", "venv", str(place)], place.parent)
    _install([str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"], lines)


def _install(command: Sequence[str], lines: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        file = Path(temporary, "requirements.txt")
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        run([*command, "--requirement", str(file)], Path(temporary))


def site_packages(place: Path) -> Path:
    """The folder of an environment's packages."""
    (found,) = place.glob("lib/python3*/site-packages")
    return found


def frozen(site: Path) -> tuple[str, ...]:
    """The packages in a folder of packages, with their versions."""
    found = {f"{each.metadata['Name']}=={each.version}" for each in distributions(path=[str(site)])}
    return tuple(sorted(found, key=str.lower))
