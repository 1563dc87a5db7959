"""What a filter and an order mean, apart from how they were written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Union

import msgspec

Kind = Literal["metric", "param", "tag", "attribute", "dataset"]
Value = float | str | tuple[str, ...] | None


class Comparison(msgspec.Struct, frozen=True):
    """``kind.key op value``.

    ``op`` is one of = != < <= > >= LIKE ILIKE IN, NOT IN, IS NULL, IS NOT NULL; ``value`` is a number
    for metrics and numeric attributes, a tuple for IN and NOT IN, None for the null tests. A
    comparison with a metric, param, tag or dataset that is not there is false, but for IS NULL.
    """

    kind: Kind
    key: str
    op: str
    value: Value


class All(msgspec.Struct, frozen=True):
    """Every part holds."""

    parts: tuple[Node, ...]


class AnyOf(msgspec.Struct, frozen=True):
    """Some part holds."""

    parts: tuple[Node, ...]


class Not(msgspec.Struct, frozen=True):
    """The part does not hold."""

    part: Node


Node = Union[Comparison, All, AnyOf, Not]  # noqa: UP007 - the structs above name it before it is there


class Order(msgspec.Struct, frozen=True):
    """Sort by ``kind.key``; missing values and NaN come last in both directions."""

    kind: Kind
    key: str
    ascending: bool


def comparisons(node: Node | None) -> Iterator[Comparison]:
    """Every comparison of a filter."""
    if isinstance(node, (All, AnyOf)):
        for part in node.parts:
            yield from comparisons(part)
    elif isinstance(node, Not):
        yield from comparisons(node.part)
    elif node is not None:
        yield node


def keys_of(node: Node | None) -> set[str]:
    """Every key that a filter names."""
    return {comparison.key for comparison in comparisons(node) if comparison.kind != "attribute"}


def required(node: Node | None) -> set[tuple[Kind, str]]:
    """What an entity must have a value of to match, a metric one that is not NaN."""
    if isinstance(node, All):
        return {pair for part in node.parts for pair in required(part)}
    if not isinstance(node, Comparison) or node.op == "IS NULL" or (node.kind == "metric" and node.op == "!="):
        return set()
    return {(node.kind, node.key)}
