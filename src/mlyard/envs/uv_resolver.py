"""Asks uv which versions fit together."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.core.requirement_lines import distribution_name
from mlyard.envs import uv

_NO_SOLUTION = 1  # uv's exit status; all other failures have another
_TAIL = 3000


class Answer(msgspec.Struct, frozen=True):
    """Exact lines of what uv chose; or, if nothing fits, its explanation."""

    lines: tuple[str, ...] = ()
    error: str | None = None

    @property
    def fits(self) -> bool:
        """Whether uv found versions."""
        return self.error is None

    @property
    def versions(self) -> dict[str, str]:
        """The chosen versions by distribution name."""
        pairs = (line.partition(";")[0].partition("==") for line in self.lines)
        return {distribution_name(name): version.strip() for name, equals, version in pairs if equals}


class Resolver(msgspec.Struct, frozen=True, kw_only=True):
    """uv, for one interpreter. ``own``: lines that are part of every question.

    ``wheels_of``: the packages of which only wheels will do; None: all. ``from_source``: exceptions to that.

    Its methods raise InvalidParameter if uv cannot tell, because the package index cannot be reached.
    """

    python: str
    own: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    wheels_of: tuple[str, ...] | None = None
    from_source: tuple[str, ...] = ()

    def newest(self, lines: Sequence[str]) -> Answer:
        """The newest versions that fit together."""
        return self._ask([*self.own, *lines], [])

    def lowest(self, lines: Sequence[str]) -> Answer:
        """The lowest versions of ``lines`` that fit together, and the newest of what these need."""
        return self._ask([*self.own, *lines], ["--resolution", "lowest-direct"])

    def lowest_alone(self, lines: Sequence[str]) -> Answer:
        """The lowest version of each line by itself, as if it needed nothing."""
        return self._ask(lines, ["--resolution", "lowest-direct", "--no-deps"])

    def _ask(self, lines: Sequence[str], options: Sequence[str]) -> Answer:
        with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
            file, constraints = Path(temporary, "asked.in"), Path(temporary, "constraints.txt")
            file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            constraints.write_text("".join(f"{line}\n" for line in self.constraints), encoding="utf-8")
            command = [
                uv.find(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python", self.python,
                "--constraint", str(constraints), *self._formats(), *options, str(file),
            ]  # fmt: skip
            done = subprocess.run(  # noqa: S603 - an argument list; the lines are in a file, and were checked
                command, cwd=temporary, capture_output=True, text=True, errors="replace", check=False
            )
        if done.returncode not in (0, _NO_SOLUTION):  # such as an index that cannot be reached
            raise InvalidParameter(f"uv cannot look the packages up: {done.stderr.strip()[-_TAIL:]}")
        if done.returncode:
            return Answer(error=done.stderr.strip()[-_TAIL:])
        return Answer(lines=tuple(line for line in done.stdout.splitlines() if line and not line.startswith(" ")))

    def _formats(self) -> Iterator[str]:
        for name in (":all:",) if self.wheels_of is None else self.wheels_of:
            yield from ("--only-binary", name)
        for name in self.from_source:
            yield from ("--no-binary", name)
