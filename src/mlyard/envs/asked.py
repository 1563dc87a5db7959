"""The packages that a project asks for, as lines for PyPI's installers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from mlyard.core.requirement_lines import distribution_name
from mlyard.envs.changes import BUILD
from mlyard.envs.conda_names import pypi_name

MLFLOW = ("mlflow", "mlflow-skinny", "mlflow-tracing")
NOT_PYTHON = "not a Python package, or in conda alone"
_CONDA = re.compile(r"([A-Za-z0-9._-]+::)?(?P<name>[A-Za-z0-9._-]+?)\s*(?P<rest>[ =<>!~].*)?")
_SINGLE = re.compile(r"(?P<equals>={0,2})\s*(?P<version>[^\s=<>!~,|]+)([=\s]+(?P<build>\S+))?")
_PLAIN = re.compile(r"v?\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?(?P<any>\.?\*)?")
_RANGE = re.compile(r"(==|~=|!=|<=|>=|<|>)\s*[0-9A-Za-z.*+!_-]+(\s*,\s*(==|~=|!=|<=|>=|<|>)\s*[0-9A-Za-z.*+!_-]+)*")
_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?)\s*===?\s*(?P<version>[0-9A-Za-z.!+]+)"
    r"(?P<marker>\s*;.*?)?(?P<hashes>\s+--hash.*)?"
)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A package. ``text``: as it was written. ``line``: for an installer; None: it is not on PyPI.

    ``pin``: its exact version, which may be replaced by a newer one. ``marker``: when the pin applies. ``hashes``:
    those of its files. ``why``: what is already changed.
    """

    text: str
    line: str | None
    pin: str | None = None
    marker: str = ""
    hashes: str = ""
    why: str = ""

    @property
    def name(self) -> str:
        """The normalized name of the distribution."""
        return distribution_name(self.line or self.text)

    @property
    def project(self) -> str:
        """The name with its extras, as it was written."""
        found = re.match(r"[A-Za-z0-9._-]+(\[[^\]]*\])?", self.line or "")
        return found[0] if found else ""

    @property
    def floor(self) -> str | None:
        """The line that also allows newer versions than the pinned one."""
        return f"{self.project}>={self.pin}{self.marker}" if self.pin else self.line


def from_conda(packages: Iterable[str]) -> list[Asked]:
    """Conda packages except Python itself. A package that is listed under two spellings counts once."""
    found: dict[str, Asked] = {}
    for text in packages:
        asked = _of_conda(text)
        if asked is None:
            continue
        if asked.name not in found or found[asked.name].line is None:
            found[asked.name] = asked
    return list(found.values())


def from_lines(lines: Iterable[str]) -> list[Asked]:
    """Lines of a requirements file."""
    return [_of_line(line) for line in lines]


def is_mlflow(asked: Asked) -> bool:
    """Whether mlyard takes the place of a package."""
    return asked.name in MLFLOW


def _of_line(line: str) -> Asked:
    pinned = _PIN.fullmatch(line)
    if not pinned:
        return Asked(text=line, line=line)
    pin, marker, hashes = pinned["version"].partition("+")[0], pinned["marker"] or "", pinned["hashes"] or ""
    return Asked(text=line, line=line, pin=pin, marker=marker, hashes=hashes)


def _of_conda(text: str) -> Asked | None:
    found = _CONDA.fullmatch(text.strip())
    if not found or found["name"] in {"python", "pip"}:
        return None  # Python is chosen before the packages, and the environment needs no pip
    rest = (found["rest"] or "").strip()
    single = _SINGLE.fullmatch(rest)
    build = single["build"] if single else None
    name = pypi_name(found["name"], build)
    if name is None:
        return Asked(text=text, line=None, why=NOT_PYTHON)
    line, pin = _line(name, rest, single)
    return Asked(text=text, line=line, pin=pin, why="; ".join(_whys(found["name"], name, build, line, rest)))


def _line(name: str, rest: str, single: re.Match[str] | None) -> tuple[str, str | None]:
    """A line for pip, and the pinned version. One '=' of conda's means a version that starts like this."""
    if single:
        version = _PLAIN.fullmatch(single["version"])
        if not version:
            return name, None  # such as 9b: conda's versions need not be PyPI's
        bare = single["version"].removesuffix("*").removesuffix(".")
        is_exact = single["equals"] == "==" or single["build"] is not None
        return (f"{name}=={bare}" if is_exact and not version["any"] else f"{name}=={bare}.*"), bare
    return (f"{name}{rest}", None) if _RANGE.fullmatch(rest) else (name, None)


def _whys(conda: str, name: str, build: str | None, line: str, rest: str) -> Iterator[str]:
    if distribution_name(conda) != distribution_name(name):
        yield f"{distribution_name(name)} is its name on PyPI"
    if build:
        yield BUILD
    if line == name and rest:
        yield "its version is not one of PyPI's"
