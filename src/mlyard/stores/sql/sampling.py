"""Samples the history of a metric in several runs, with the same number of statements for any number of runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, func, or_, select, tuple_

from mlyard.domain.metrics import Sampling
from mlyard.stores.sql import dialect, tables

_p = tables.metric_points.c
POINT = (_p.step, _p.timestamp, _p.value, _p.is_nan)
"""The columns of a point, which are also the order of the primary key."""
_EXACT = 20_000
"""Up to this many points, a history is read and sampled exactly; a longer one is sampled by index look-ups."""
_LATEST = 2**63 - 1

Point = Sequence[Any]
Place = tuple[int, int, int]
"""A run, a step and a time."""


def points_count(given: FromClause, key: int, most: int, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """How many points each given run has. ``most``: stop counting there."""
    of_run = select(_p.step).where(_p.run == given.c.run, _p.key == key, *conditions).correlate(given)
    return select(func.count()).select_from(of_run.limit(most).subquery()).correlate(given).scalar_subquery()


def sample_points(
    connection: Connection, runs: Sequence[int], key: int, sampling: Sampling
) -> Mapping[int, Sequence[Point]]:
    """At most ``sampling.count`` points of each run, by step, including its first and its last place.

    A place is a step, or a time if all points have the same step. It is represented by its last point.
    """
    found: defaultdict[int, list[Point]] = defaultdict(list)
    inside = _inside(sampling)
    extents = _extents(connection, runs, key, inside)
    short = [extent for extent in extents if extent.count <= _EXACT]
    targets = [target for extent in extents if extent.count > _EXACT for target in _targets(extent, sampling.count)]
    for run, *point in _spread(connection, short, key, inside, sampling.count):
        found[run].append(point)
    for run, *point in _nearest(connection, targets, key):
        found[run].append(point)
    return found


def _inside(sampling: Sampling) -> Sequence[ColumnElement[bool]]:
    if sampling.start is None or sampling.end is None:
        return ()
    return (_p.step >= sampling.start, _p.step <= sampling.end)


def _extents(
    connection: Connection, runs: Sequence[int], key: int, inside: Sequence[ColumnElement[bool]]
) -> Sequence[Any]:
    """The first and the last step and time of each run, and its number of points; without the runs that have none."""
    given = dialect.integer_table(connection, ("run",), [(run,) for run in runs])
    points = select().where(_p.run == given.c.run, _p.key == key, *inside).correlate(given).limit(1)
    forwards = points.order_by(_p.step, _p.timestamp)
    backwards = points.order_by(_p.step.desc(), _p.timestamp.desc())
    statement = select(
        given.c.run,
        forwards.add_columns(_p.step).scalar_subquery().label("first"),
        forwards.add_columns(_p.timestamp).scalar_subquery().label("start"),
        backwards.add_columns(_p.step).scalar_subquery().label("last"),
        backwards.add_columns(_p.timestamp).scalar_subquery().label("end"),
        points_count(given, key, _EXACT + 1, *inside).label("count"),
    )
    return [extent for extent in connection.execute(statement) if extent.first is not None]


def _spread(
    connection: Connection, extents: Sequence[Any], key: int, inside: Sequence[ColumnElement[bool]], count: int
) -> Sequence[Point]:
    """The points at evenly spread places: number 0, n / count, 2 n / count, … of a run's n places, and the last."""
    if not extents:
        return []
    flat = [extent.run for extent in extents if extent.first == extent.last]
    time = case((dialect.in_values(_p.run, flat), _p.timestamp), else_=0)
    backwards = (column.desc() for column in POINT)
    nth = func.row_number().over(partition_by=(_p.run, _p.step, time), order_by=backwards)
    runs = dialect.in_values(_p.run, [extent.run for extent in extents])
    point = select(_p.run, *POINT, nth.label("nth")).where(runs, _p.key == key, *inside).subquery().c
    number = func.row_number().over(partition_by=point.run, order_by=(point.step, point.timestamp)) - 1
    total = func.count().over(partition_by=point.run)
    place = (
        select(point.run, *(point[column.name] for column in POINT), number.label("number"), total.label("total"))
        .where(point.nth == 1)
        .subquery()
        .c
    )
    columns = (place.run, place.step, place.timestamp, place.value, place.is_nan)
    chosen = select(*columns).where(_is_chosen(place.number, place.total, count))
    return connection.execute(chosen.order_by(*columns)).all()


def _is_chosen(number: ColumnElement[int], total: ColumnElement[int], count: int) -> ColumnElement[bool]:
    """Whether a place is number ceil(i * total / count) for an i below count - 1, or the last. Rounded as in MLflow."""
    nth = number * count // total
    is_first_of_its_share = or_(number == 0, nth > (number - 1) * count // total)
    return or_(total <= count, number == total - 1, and_(is_first_of_its_share, nth <= count - 2))


def _targets(extent: Any, count: int) -> list[Place]:
    """Evenly spread places of a long history, where points may or may not be."""
    flat = extent.first == extent.last
    first, last = (extent.start, extent.end) if flat else (extent.first, extent.last)
    spread = (first + i * (last - first) // max(1, count - 1) for i in range(count))
    return [(extent.run, extent.first, each) if flat else (extent.run, each, -_LATEST - 1) for each in spread]


def _nearest(connection: Connection, targets: Sequence[Place], key: int) -> Sequence[Point]:
    """The last point of the first place at or after each target."""
    if not targets:
        return []
    given = dialect.integer_table(connection, ("run", "step", "timestamp"), targets)
    here, there = tuple_(_p.step, _p.timestamp), tuple_(given.c.step, given.c.timestamp)
    points = select().where(_p.run == given.c.run, _p.key == key).correlate(given).limit(1)
    after = points.where(here >= there).order_by(*POINT)
    places = select(given.c.run, given.c.timestamp, *(after.add_columns(c).scalar_subquery() for c in POINT[:2]))
    by_step = -_LATEST - 1
    marks = {
        (run, step, _LATEST if asked == by_step else time) for run, asked, step, time in connection.execute(places)
    }
    given = dialect.integer_table(connection, ("run", "step", "timestamp"), sorted(marks))
    there = tuple_(given.c.step, given.c.timestamp)
    points = select().where(_p.run == given.c.run, _p.key == key).correlate(given).limit(1)
    until = points.where(here <= there).order_by(*(column.desc() for column in POINT))
    found = connection.execute(select(given.c.run, *(until.add_columns(c).scalar_subquery() for c in POINT)))
    return sorted(found.all())
