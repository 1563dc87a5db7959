"""Finds versions for the packages of a project, as near to its pins as this Python and mlyard allow.

First the pins as they are. If they do not fit, each pin becomes a lower bound, and uv chooses the lowest versions that
fit together and have wheels. A package without any is built from source, or left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.core.requirement_lines import distribution_name
from mlyard.envs.asked import Asked
from mlyard.envs.changes import Change
from mlyard.envs.uv_resolver import Answer, Resolver

NO_WHEEL = "no wheel for this Python and system"
NEEDED = "mlyard or another package needs a newer version"
OLDER = "another package needs an older version"
_NOWHERE = "not on the package index, or not for this Python and system"
_CONFLICT = "does not fit with the other packages"
_log = logger("envs")


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """Exact lines for an installer, and a row for each package that was asked for."""

    lines: tuple[str, ...]
    rows: tuple[Change, ...]


def resolve(asked: Sequence[Asked], resolver: Resolver) -> Resolution:
    """Choose a version for each package. Raises InvalidParameter when lines that are not pins do not fit."""
    wanted = [each for each in asked if each.line]
    resolvers = [resolver]
    if not all(each.pin for each in wanted):  # such as an address of sources: only the pins must have wheels
        pinned = tuple(each.name for each in wanted if each.pin)
        resolvers.append(msgspec.structs.replace(resolver, wheels_of=pinned))
    for each in resolvers:
        answer = each.newest([str(package.line) for package in wanted])
        if answer.fits:
            return _told(asked, answer, {}, {})
    _log.info("The versions that the project names do not fit; looking for the nearest ones.")
    for each in resolvers:
        answer, out, alone = _relaxed(wanted, each)
        if answer.fits:
            return _told(asked, answer, out, alone)
    raise InvalidParameter(f"The project's packages do not fit together; uv reports: {answer.error}")


def _relaxed(wanted: list[Asked], resolver: Resolver) -> tuple[Answer, dict[str, str], dict[str, str]]:
    """Ask with lower bounds. Returns the answer, why packages are left out, and the lowest version of each alone."""
    pinned, resolver, out = _without_those_that_exist_nowhere([each for each in wanted if each.pin], resolver)
    alone = resolver.lowest_alone([str(each.floor) for each in pinned]).versions
    pinned, loose, chosen = _fitting(pinned, resolver)
    lines = [f"{each.project}=={chosen[each.name]}" for each in pinned if each.name in chosen]
    lines += [str(each.line) for each in wanted if not each.pin]
    answer = resolver.newest([*lines, *(f"{each.project}{each.marker}" for each in loose)])
    if not answer.fits and loose:
        out |= {each.name: _CONFLICT for each in loose}
        answer = resolver.newest(lines)
    return answer, out, alone


def _fitting(pinned: list[Asked], resolver: Resolver) -> tuple[list[Asked], list[Asked], dict[str, str]]:
    """The packages of which newer versions fit together, those that need an older one, and the versions."""
    loose: list[Asked] = []
    while True:
        lines = [str(each.floor) for each in pinned]
        chosen = resolver.lowest(lines)
        if chosen.fits or not pinned:
            return pinned, loose, chosen.versions
        loose.append(pinned.pop(_first_that_fails(resolver, lines) - 1))


def _without_those_that_exist_nowhere(
    pinned: list[Asked], resolver: Resolver
) -> tuple[list[Asked], Resolver, dict[str, str]]:
    """The packages that have a wheel or a source, a resolver that may build the latter, and why others are left out."""
    without = _failing(pinned, resolver)
    sourced = msgspec.structs.replace(resolver, from_source=tuple(each.name for each in without))
    nowhere = {each.name: _NOWHERE for each in _failing(without, sourced)}
    kept = tuple(each.name for each in without if each.name not in nowhere)
    found = [each for each in pinned if each.name not in nowhere]
    return found, msgspec.structs.replace(resolver, from_source=kept), nowhere


def _failing(packages: Sequence[Asked], resolver: Resolver) -> list[Asked]:
    """The packages that cannot be had even alone, found by halving."""
    if not packages or resolver.lowest_alone([str(each.floor) for each in packages]).fits:
        return []
    if len(packages) == 1:
        return list(packages)
    half = len(packages) // 2
    return _failing(packages[:half], resolver) + _failing(packages[half:], resolver)


def _first_that_fails(resolver: Resolver, lines: Sequence[str]) -> int:
    """The smallest number of lines, from the first on, that do not fit together; all of them do not."""
    low, high = 1, len(lines)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if resolver.lowest(lines[:middle]).fits else (low, middle)
    return high


def _told(asked: Sequence[Asked], answer: Answer, out: Mapping[str, str], alone: Mapping[str, str]) -> Resolution:
    versions = answer.versions
    rows = tuple(_row(each, versions.get(each.name), out.get(each.name), alone.get(each.name)) for each in asked)
    hashes = {f"{each.name}=={each.pin}": each.hashes for each in asked if each.hashes}
    own = (line for line in answer.lines if not line.startswith("-e ") and distribution_name(line) != "mlyard")
    return Resolution(lines=tuple(line + hashes.get(line, "") for line in own), rows=rows)


def _row(asked: Asked, version: str | None, out: str | None, alone: str | None) -> Change:
    if asked.line is None or out:
        return Change(asked=asked.text, got=None, why=_joined(asked.why, out))
    if version is None:  # an address, a file, or a marker that does not apply here
        return Change(asked=asked.text, got=asked.line, why=asked.why, is_exact=not asked.why)
    why = _joined(asked.why, _replaced(asked, version, alone))
    return Change(asked=asked.text, got=f"{asked.name}=={version}", why=why, is_exact=not why)


def _replaced(asked: Asked, version: str, alone: str | None) -> str:
    """Why a pin was replaced; '' if it was not, or if its own line allows the version."""
    if alone is None or asked.pin is None or _numbers(version) == _numbers(asked.pin):
        return ""
    if version == alone:
        return NO_WHEEL
    return OLDER if _numbers(version) < _numbers(asked.pin) else NEEDED


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, without zeros at the end."""
    numbers = [int(number) for number in re.findall(r"\d+", version.partition("+")[0])]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _joined(*reasons: str | None) -> str:
    return "; ".join(reason for reason in reasons if reason)
