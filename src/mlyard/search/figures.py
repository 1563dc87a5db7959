"""Figures of metrics in filters and orders: ``metrics.loss.min`` is the smallest value that was logged as ``loss``."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import structs

from mlyard.search.ast import And, Comparison, Kind, Node, Not, Or, Order, comparisons

Field = TypeVar("Field", Comparison, Order)
FIGURES: Mapping[str, Kind] = {
    "first": "metric.first",
    "last": "metric",
    "max": "metric.max",
    "mean": "metric.mean",
    "min": "metric.min",
}


def possible_figures(node: Node | None, orders: Iterable[Order]) -> set[str]:
    """The names in a query that are those of figures, unless metrics were logged under them."""
    asked: list[Comparison | Order] = [*comparisons(node), *orders]
    return {each.key for each in asked if each.kind == "metric" and _split(each.key) is not None}


def with_figures(
    node: Node | None, orders: Sequence[Order], logged: Container[str]
) -> tuple[Node | None, Sequence[Order]]:
    """A query in which figures have kinds of their own. ``logged``: names of metrics, which are not figures."""
    changed = [_renamed(order, logged) for order in orders]
    return (None if node is None else _in_node(node, logged)), changed


def _in_node(node: Node, logged: Container[str]) -> Node:
    if isinstance(node, (And, Or)):
        return structs.replace(node, parts=tuple(_in_node(part, logged) for part in node.parts))
    if isinstance(node, Not):
        return structs.replace(node, part=_in_node(node.part, logged))
    return _renamed(node, logged)


def _renamed(each: Field, logged: Container[str]) -> Field:
    found = None if each.kind != "metric" or each.key in logged else _split(each.key)
    return each if found is None else structs.replace(each, kind=found[0], key=found[1])


def _split(name: str) -> tuple[Kind, str] | None:
    """The kind of a figure and the name of its metric."""
    key, _, figure = name.rpartition(".")
    return (FIGURES[figure], key) if key and figure in FIGURES else None
