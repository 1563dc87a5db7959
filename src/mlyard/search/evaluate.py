"""Evaluates filters and orders on objects in memory. Tests hold the SQL compiler to its results.

An entity is given as a function: ``values(kind, key)`` returns the values to compare. There is at most one,
except for the fields of datasets, because an entity can have several datasets.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cmp_to_key, lru_cache
from typing import Any, TypeVar

from mlyard.search.ast import And, Comparison, Kind, Node, Not, Or, Order

T = TypeVar("T")
Values = Callable[[str, str], Sequence[Any]]

_OPERATORS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(node: Node | None, values: Values, null_safe: frozenset[tuple[Kind, str]] = frozenset()) -> bool:
    """Whether an entity matches a filter. ``null_safe``: as in ``Fields``."""
    if node is None:
        return True
    if isinstance(node, (And, Or)):
        join = all if isinstance(node, And) else any
        return join(holds(part, values, null_safe) for part in node.parts)
    if isinstance(node, Not):
        return not holds(node.part, values, null_safe)
    return _matches(node, values, null_safe)


def _matches(node: Comparison, values: Values, null_safe: frozenset[tuple[Kind, str]]) -> bool:
    found = values(node.kind, node.key)
    if node.op in {"IS NULL", "IS NOT NULL"}:
        return bool(found) == (node.op == "IS NOT NULL")
    if node.op == "!=" and (node.kind, node.key) in null_safe and not found:
        return True
    return any(_compare(value, node) for value in found)


def _compare(value: Any, node: Comparison) -> bool:
    if node.op in _OPERATORS:
        expected: Any = node.value
        return bool(_OPERATORS[node.op](value, expected))
    if node.op in {"LIKE", "ILIKE"}:
        pattern = _like(str(node.value), node.op == "ILIKE")
        return pattern.fullmatch(ascii_lower(value) if node.op == "ILIKE" else value) is not None
    assert isinstance(node.value, tuple)  # the parser gives IN a tuple
    return (value in node.value) == (node.op == "IN")


@lru_cache(maxsize=100)
def _like(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    wildcards = {"%": ".*", "_": "."}
    text = ascii_lower(pattern) if ignore_case else pattern
    return re.compile("".join(wildcards.get(character, re.escape(character)) for character in text), re.DOTALL)


def ascii_lower(text: str) -> str:
    """Lower-case only A to Z, as databases do if text sorts byte by byte."""
    return "".join(character.lower() if "A" <= character <= "Z" else character for character in text)


def ordered(entities: Iterable[T], orders: Sequence[Order], values: Callable[[T], Values]) -> list[T]:
    """Entities sorted by the orders. The sort is stable."""
    found = list(entities)
    for order in reversed(orders):
        found.sort(key=cmp_to_key(lambda a, b, order=order: _rank(values(a), values(b), order)))  # type: ignore[misc]
    return found


def _rank(left: Values, right: Values, order: Order) -> int:
    a, b = (_place(side(order.kind, order.key)) for side in (left, right))
    if a[0] != b[0]:
        return a[0] - b[0]
    difference: int = (a[1] > b[1]) - (a[1] < b[1])
    return difference if order.ascending else -difference


def _place(found: Sequence[Any]) -> tuple[int, Any]:
    if not found:
        return 2, 0
    value = found[0]
    if isinstance(value, float) and math.isnan(value):
        return 1, 0
    return 0, value.encode() if isinstance(value, str) else value
