"""Points in any order: both databases return what the store in memory returns, and charts keep spikes.

Tails and chunks are very small here, so that a few points are folded, merged and split many times.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlyard.domain.metrics import Figures, Metric, Sampling, Series
from mlyard.domain.runs import FINISHED, RUNNING, NewRun, RunBatch
from mlyard.ports.store import Store
from mlyard.stores.memory.store import open_memory_store
from mlyard.stores.sql import metrics
from mlyard.stores.sql.history import chunks, columns, late, pages, summaries, tails
from mlyard.stores.sql.history import sampling as samples
from mlyard.stores.sql.history.columns import Columns
from mlyard.stores.sql.history.points import time_order_of
from mlyard.stores.sql.store import open_sql_store
from tests.conftest import SOAK
from tests.postgres import Cluster

EXAMPLES = 1000 if SOAK else 30
KEYS = ("a", "b")

small = st.integers(-3, 12)
anywhere = st.one_of(small, small, small, st.integers(-(2**63), 2**63 - 1))
value = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([math.nan, math.inf, -math.inf, 1e300]))
point = st.builds(Metric, st.sampled_from(KEYS), value, anywhere, anywhere)
following = st.builds(
    lambda key, first, values: [Metric(key, each, first + n, first + n) for n, each in enumerate(values)],
    st.sampled_from(KEYS),
    st.integers(0, 1000),
    st.lists(value, min_size=1, max_size=40),
)
batch = st.one_of(st.lists(point, max_size=12), following, following)
change = st.one_of(batch, batch, batch, st.sampled_from([FINISHED, RUNNING]))


@pytest.fixture(scope="module", autouse=True)
def very_small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "FULL", 8)
        patch.setattr(chunks, "_SIZES", (2, 4, 8))
        patch.setattr(summaries, "BLOCK", 2)
        patch.setattr(tails, "MOST_ROWS", 4)
        patch.setattr(tails, "MOST_POINTS", 50)
        patch.setattr(tails, "PER_KEY", 6)
        patch.setattr(chunks, "_PAIRS_AT_ONCE", 1)
        patch.setattr(chunks, "_MOST_MERGED", 20)
        patch.setattr(late, "_AT_ONCE", 2)
        patch.setattr(pages, "_AT_ONCE", 2)
        yield


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """A store in a database, and one in memory."""
    folder: Path = tmp_path_factory.mktemp("stores")
    cluster: Cluster | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    opened = open_sql_store(cluster.new_database() if cluster else f"sqlite:///{folder}/mlyard.db", str(folder))
    yield opened, open_memory_store(str(folder))
    opened.close()


def logged(stores: tuple[Store, Store], changes: list[Any]) -> list[tuple[Store, str]]:
    """The same run in each of the stores."""
    found = []
    for store in stores:
        run_id = store.runs.create(NewRun(experiment_id="0")).info.run_id
        for each in changes:
            if isinstance(each, str):
                store.runs.update(run_id, status=each)
            else:
                store.runs.log_batch(run_id, RunBatch(metrics=tuple(each)))
        found.append((store, run_id))
    return found


def plain(metrics: list[Metric]) -> list[tuple[int, int, str]]:
    """NaN is not equal to itself, but its text is."""
    return [(metric.step, metric.timestamp, repr(metric.value + 0.0)) for metric in metrics]


def whole(store: Store, run_id: str, key: str) -> list[Metric]:
    return [metric for series in store.metrics.series([run_id], [key]) for metric in series.metrics()]


@settings(max_examples=EXAMPLES, deadline=None)
@given(changes=st.lists(change, max_size=12), size=st.integers(1, 30))
def test_histories_pages_and_figures(stores: tuple[Store, Store], changes: list[Any], size: int) -> None:
    (sql, run), (memory, other) = logged(stores, changes)
    for key in KEYS:
        expected = plain(by_time(whole(memory, other, key)))
        assert plain(sql.metrics.history(run, key)) == expected
        assert plain(whole(sql, run, key)) == plain(whole(memory, other, key))
        paged: list[Metric] = []
        token = None
        while True:
            page = sql.metrics.timeline(run, key, size, token)
            paged += page.metrics()
            token = page.token
            if not token:
                break
            assert len(page.values) == size
        assert plain(paged) == expected
    assert latest(sql, run) == latest(memory, other)
    assert [without_run(each) for each in sorted_figures(sql, run)] == [
        without_run(each) for each in sorted_figures(memory, other)
    ]


@settings(max_examples=EXAMPLES, deadline=None)
@given(changes=st.lists(batch, max_size=8), count=st.integers(1, 20), ends=st.tuples(anywhere, anywhere) | st.none())
def test_samples_of_the_route_of_mlflow(
    stores: tuple[Store, Store], changes: list[Any], count: int, ends: tuple[int, int] | None
) -> None:
    (sql, run), (memory, other) = logged(stores, changes)
    low, high = sorted(ends) if ends else (None, None)
    asked = Sampling(count=count, start=low, end=high)
    for key in KEYS:
        assert plain(sql.metrics.sample([run], key, asked)) == plain(memory.metrics.sample([other], key, asked))


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(changes=st.lists(batch, max_size=8), count=st.integers(4, 40), asked=st.tuples(anywhere, anywhere) | st.none())
def test_charts_keep_every_spike(
    stores: tuple[Store, Store], changes: list[Any], count: int, asked: tuple[int, int] | None
) -> None:
    ((sql, run), _) = logged(stores, changes)
    low, high = sorted(asked) if asked else (None, None)
    drawn = {
        series.key: series for series in sql.metrics.charts([run], KEYS, Sampling(count=count, start=low, end=high))
    }
    for key in KEYS:
        history = whole(sql, run, key)
        visible = [p for p in history if low is None or high is None or low <= p.step <= high]
        if not visible:
            assert key not in drawn
            continue
        ends = history[0].step, history[-1].step
        if low is not None and high is not None:
            ends = max(ends[0], low), min(ends[1], high)
        flat = history[0].step == history[-1].step
        if flat:
            ends = history[0].timestamp, history[-1].timestamp
        check_chart(visible, list(drawn[key].metrics()), count, ends, flat=flat)


def check_chart(visible: list[Metric], drawn: list[Metric], count: int, ends: tuple[int, int], *, flat: bool) -> None:
    """What is drawn was logged, in order, and is not too much; each point has others around it, above and below."""
    assert len(drawn) <= count
    found = iter(plain(visible))
    assert all(each in found for each in plain(drawn)), "not in order, twice, or never logged"
    assert plain([drawn[0], drawn[-1]]) == plain([visible[0], visible[-1]])
    width = (ends[1] - ends[0]) // (count // 4) + 1

    def bucket(p: Metric) -> int:
        return ((p.timestamp if flat else p.step) - ends[0]) // width

    near: dict[int, list[float]] = {}
    for p in drawn:
        for neighbour in (bucket(p) - 1, bucket(p), bucket(p) + 1):
            near.setdefault(neighbour, []).append(p.value)
    for p in visible:
        values = near[bucket(p)]
        assert math.isnan(p.value) or any(v >= p.value for v in values), f"the spike {p} is lost"
        assert math.isnan(p.value) or any(v <= p.value for v in values), f"the dip {p} is lost"


def by_time(metrics: list[Metric]) -> list[Metric]:
    return sorted(metrics, key=lambda m: time_order_of((m.step, m.timestamp, m.value)))


def latest(store: Store, run_id: str) -> list[tuple[str, int, int, str]]:
    found = store.runs.get(run_id).data.latest_metrics
    return sorted((m.key, m.step, m.timestamp, repr(m.value + 0.0)) for m in found)


def sorted_figures(store: Store, run_id: str) -> list[Figures]:
    return sorted(store.metrics.figures([run_id]), key=lambda each: each.key)


def without_run(figures: Figures) -> list[Any]:
    """The mean depends on the order of the additions in its last digits."""
    return [f"{each:.9g}" if isinstance(each, float) else each for name, each in figures if name != "run_id"]


@settings(max_examples=5 * EXAMPLES, deadline=None)
@given(
    steps=st.lists(st.integers(-(2**63), 2**63 - 1) | small, min_size=1, max_size=50),
    timestamps=st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(10**12, 10**12 + 300), min_size=50, max_size=50),
    values=st.lists(st.floats() | st.floats(width=32), min_size=50, max_size=50),
    ordered=st.booleans(),
)
def test_what_is_packed_is_unpacked(
    steps: list[int], timestamps: list[int], values: list[float], *, ordered: bool
) -> None:
    count = len(steps)
    numbers = (sorted(steps), sorted(timestamps[:count])) if ordered else (steps, timestamps[:count])
    packed = Columns(array("q", numbers[0]), array("q", numbers[1]), array("d", values[:count]))
    found = columns.unpack(columns.pack(packed))
    assert found[:2] == packed[:2]
    assert found.values.tobytes() == packed.values.tobytes()


@pytest.mark.parametrize("stride", [0, 1, -7, 2**40])
def test_even_steps_take_no_space(stride: int) -> None:
    steps = array("q", [5 + stride * n for n in range(4000)])
    packed = columns.pack(Columns(steps, steps, array("d", bytes(8 * 4000))))
    assert columns.unpack(packed).steps == steps
    assert len(packed) < 300


def test_a_long_history_is_sampled_by_its_blocks(stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "_EXACT", 100)
    points = [Metric("a", float(n), n, n) for n in range(500)]
    ((sql, run), _) = logged(stores, [points[:300], points[300:]])
    steps = [metric.step for metric in sql.metrics.sample([run], "a", Sampling(count=25))]
    assert (steps[0], steps[-1], len(steps)) == (0, 499, 25)
    gaps = [after - before for before, after in pairwise(steps)]
    assert max(gaps) <= 2 * min(gaps)


@pytest.mark.parametrize("at_once", [1, 25, 250_000])
def test_series_and_figures_of_many_runs(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Some keys are shared by all runs, one is each run's own."""
    monkeypatch.setattr(metrics, "_AT_ONCE", at_once)
    found: list[list[Series]] = []
    known: list[list[Figures]] = []
    for store in stores:
        ids = [store.runs.create(NewRun(experiment_id="0")).info.run_id for _ in range(5)]
        for number, run_id in enumerate(ids):
            keys = (*KEYS, f"own{number}")
            logged = tuple(Metric(key, float(n), n, n) for key in keys for n in range(number * 20))
            store.runs.log_batch(run_id, RunBatch(metrics=logged))
        asked = [*reversed(ids), "none"]
        in_order = by_run_and_key(asked)
        found.append(sorted(in_one_piece(store.metrics.series(asked)), key=in_order))
        known.append(sorted(store.metrics.figures(asked), key=in_order))
        expected = [(ids[n], key, n * 20) for n in (4, 3, 2, 1) for key in (*KEYS, f"own{n}")]
        assert [(each.run_id, each.key, len(each.values)) for each in found[-1]] == expected
        assert [(each.run_id, each.key, each.count) for each in known[-1]] == expected
    assert [list(each.values) for each in found[0]] == [list(each.values) for each in found[1]]


def by_run_and_key(run_ids: list[str]) -> Callable[[Series | Figures], tuple[int, str]]:
    """A sort key. The order of a run's metrics is not defined."""
    place = {run_id: number for number, run_id in enumerate(run_ids)}
    return lambda each: (place[each.run_id], each.key)


def in_one_piece(found: Iterable[Series]) -> list[Series]:
    """Long histories come in pieces."""
    whole: list[Series] = []
    for each in found:
        if whole and (whole[-1].run_id, whole[-1].key) == (each.run_id, each.key):
            values = [*whole.pop().values, *each.values]
            whole.append(Series(run_id=each.run_id, key=each.key, steps=[], timestamps=[], values=values))
        else:
            whole.append(each)
    return whole
