"""The tail of a run: what was logged since the last fold, a row for each transaction that logged to the run.

A metric's points in the tail follow all its points in chunks, and each row's points follow those of the rows before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import BigInteger, Connection, delete, func, select

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.history.points import Point

MOST_ROWS = 64
MOST_POINTS = 16_384
"""A tail with so many rows or points is folded, so that reading it stays cheap…"""

PER_KEY = 32
MOST_ROWS_OF_MANY_KEYS = 512
MOST_POINTS_OF_MANY_KEYS = 500_000
"""… but not before it has so many points per key of its run, because chunks of a few points cost more than they save.
With so many rows or points, it is folded in any case."""

Tail = Mapping[int, list[Point]]
"""The points of a tail or of one of its rows, by key."""

_t, _l = tables.metric_tails.c, tables.latest_metrics.c
_COLUMNS = ("run", "number", "total", "points")
_RUNS = dialect.list_of("runs", BigInteger())
_by_key = msgspec.msgpack.Decoder(dict[int, msgspec.Raw]).decode
_decode = msgspec.msgpack.Decoder(list[tuple[int, int, float]]).decode
_ENDS = dialect.PreparedStatement(
    lambda: select(_t.run, func.max(_t.number), func.max(_t.total)).where(dialect.is_in(_t.run, _RUNS)).group_by(_t.run)
)
_ROWS = dialect.PreparedStatement(
    lambda: select(_t.run, _t.points).where(dialect.is_in(_t.run, _RUNS)).order_by(_t.run, _t.number)
)
_KEYS = dialect.PreparedStatement(
    lambda: select(_l.run, func.count()).where(dialect.is_in(_l.run, _RUNS)).group_by(_l.run)
)


def append(connection: Connection, logged: Mapping[int, Tail]) -> list[int]:
    """Append points, given by run. The caller has locked the runs. Returns the runs whose tails should be folded."""
    ends = {run: (number, total) for run, number, total in _ENDS.rows(connection, runs=list(logged))}
    rows = [_row(run, tail, *ends.get(run, (0, 0))) for run, tail in logged.items()]
    dialect.insert(connection, tables.metric_tails, _COLUMNS, rows)
    long = {run: (number, total) for run, number, total, _ in rows if number >= MOST_ROWS or total >= MOST_POINTS}
    keys = dict(_KEYS.rows(connection, runs=list(long))) if long else {}
    return [run for run, (number, total) in long.items() if _is_folded(number, total, keys.get(run, 0))]


def _is_folded(number: int, total: int, keys: int) -> bool:
    if number >= MOST_ROWS_OF_MANY_KEYS or total >= MOST_POINTS_OF_MANY_KEYS:
        return True
    return total >= PER_KEY * keys


def _row(run: int, tail: Tail, number: int, total: int) -> tuple[int, int, int, bytes]:
    return run, number + 1, int(total) + sum(map(len, tail.values())), packed(tail)


def packed(tail: Tail) -> bytes:
    """The points of a row, as they are stored."""
    return msgspec.msgpack.encode(tail)


def read(
    connection: Connection, runs: Collection[int], keys: Collection[int] | None = None
) -> dict[int, dict[int, list[Point]]]:
    """The points of some runs' tails, by run and key. ``keys``: only these; by default all."""
    found: dict[int, dict[int, list[Point]]] = {}
    for run, packed in _ROWS.rows(connection, runs=list(runs)):
        tail = found.setdefault(run, {})
        for key, points in _by_key(packed).items():
            if keys is None or key in keys:
                tail.setdefault(key, []).extend(_decode(points))
    return found


def lengths(connection: Connection, runs: Collection[int]) -> dict[int, int]:
    """The number of rows of each run's tail."""
    return {run: number for run, number, _ in _ENDS.rows(connection, runs=list(runs))}


def clear(connection: Connection, runs: Collection[int]) -> None:
    """Remove the tails of some runs."""
    connection.execute(delete(tables.metric_tails).where(dialect.in_values(_t.run, runs)))


def replace(connection: Connection, kept: Mapping[int, Tail]) -> None:
    """Put other points, given by run, in the place of whole tails. The caller has locked the runs."""
    clear(connection, kept)
    rows = [_row(run, tail, 0, 0) for run, tail in kept.items() if tail]
    dialect.insert(connection, tables.metric_tails, _COLUMNS, rows)
