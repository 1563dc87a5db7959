"""What a filter and an order mean, apart from how they were written."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["metric", "param", "tag", "attribute"]
Value = float | str | tuple[str, ...] | None


class Comparison(msgspec.Struct, frozen=True):
    """``kind.key op value``; a filter is a conjunction of these.

    ``op`` is one of = != < <= > >= LIKE ILIKE IN, NOT IN, IS NULL, IS NOT NULL; ``value`` is a number
    for metrics and numeric attributes, a tuple for IN and NOT IN, None for the null tests.
    """

    kind: Kind
    key: str
    op: str
    value: Value


class Order(msgspec.Struct, frozen=True):
    """Sort by ``kind.key``; missing values and NaN come last in both directions."""

    kind: Kind
    key: str
    ascending: bool
