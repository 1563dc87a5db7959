"""The syntax tree of filters and orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Union

import msgspec

Kind = Literal[
    "metric", "metric.first", "metric.max", "metric.mean", "metric.min", "param", "tag", "attribute", "dataset"
]
METRICS: frozenset[Kind] = frozenset({"metric", "metric.first", "metric.max", "metric.mean", "metric.min"})
"""The kinds whose values are numbers, among them NaN: the latest value of a metric, and figures of its history."""

Value = float | str | tuple[str, ...] | None


class Comparison(msgspec.Struct, frozen=True):
    """``kind.key op value``.

    ``op`` is one of = != < <= > >= LIKE ILIKE IN, NOT IN, IS NULL, IS NOT NULL; ``value`` is a number
    for metrics and numeric attributes, a tuple for IN and NOT IN, None for the null tests. If the entity
    lacks the metric, param, tag or dataset, only IS NULL is true (and != for null-safe tags: see evaluate.holds).
    """

    kind: Kind
    key: str
    op: str
    value: Value


class And(msgspec.Struct, frozen=True):
    """True if every part is."""

    parts: tuple[Node, ...]


class Or(msgspec.Struct, frozen=True):
    """True if at least one part is."""

    parts: tuple[Node, ...]


class Not(msgspec.Struct, frozen=True):
    """True if the part is false."""

    part: Node


Node = Union[Comparison, And, Or, Not]  # noqa: UP007 - the structs above refer to it before it is defined


class Order(msgspec.Struct, frozen=True):
    """Sort by ``kind.key``; missing values and NaN come last in both directions."""

    kind: Kind
    key: str
    ascending: bool


def comparisons(node: Node | None) -> Iterator[Comparison]:
    """All comparisons in a filter."""
    if isinstance(node, (And, Or)):
        for part in node.parts:
            yield from comparisons(part)
    elif isinstance(node, Not):
        yield from comparisons(node.part)
    elif node is not None:
        yield node


def keys_of(node: Node | None) -> set[str]:
    """All keys in a filter."""
    return {comparison.key for comparison in comparisons(node) if comparison.kind != "attribute"}


def required(node: Node | None) -> set[tuple[Kind, str]]:
    """The kinds and keys that an entity must have a value for to match; for metrics, a value other than NaN."""
    if isinstance(node, And):
        return {pair for part in node.parts for pair in required(part)}
    if not isinstance(node, Comparison) or node.op == "IS NULL" or (node.kind in METRICS and node.op == "!="):
        return set()
    return {(node.kind, node.key)}
