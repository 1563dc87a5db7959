"""The SQL compiler finds, on both databases, what the evaluator in memory finds, in the same order."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlyard.domain.inputs import TAG_CONTEXT, Dataset, DatasetInput, InputTag
from mlyard.domain.metrics import Metric
from mlyard.domain.page import ScopedQuery
from mlyard.domain.runs import NewRun, Param, Run, RunBatch, RunTag
from mlyard.ports.store import Store
from mlyard.search import fields
from mlyard.search.evaluate import holds, ordered
from mlyard.search.figures import FIGURES, with_figures
from mlyard.search.parser import parse_filter, parse_orders
from mlyard.stores.sql.store import open_sql_store
from tests.conftest import SOAK
from tests.postgres import Cluster

NUMBERS = ["-1.5", "0", "1", "2.5", "1e3"]
TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "b%",
    "b_",
    "ä",
    "Ä",
    "Z",
    "z",
    "z[",
    "it's",
    "a*b",
    "a" * 99 + "x",
    "a" * 101 + "y",
    "a" * 101 + "z",
]
PATTERNS = [*TEXTS, "%", "a%", "%b", "_", "A_", "%B%", "[a]", "\\%"]
KEYS = ["k", "K", "a b", "x.y/z"]
LOGGED = [float("nan"), float("inf"), float("-inf"), -1.5, 0.0, 1.0, 2.5, 1000.0]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


texts = st.sampled_from(TEXTS).map(quoted)
patterns = st.sampled_from(PATTERNS).map(quoted)
keys = st.sampled_from([*KEYS, "missing"]).map(lambda key: f"`{key}`")
numeric_ops = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
equal_ops = st.sampled_from(["=", "!="])
like_ops = st.sampled_from(["LIKE", "ILIKE"])
figures = st.builds("`{}.{}`".format, st.sampled_from([*KEYS, "missing"]), st.sampled_from(sorted(FIGURES)))
metric = st.builds("metrics.{} {} {}".format, keys | figures, numeric_ops, st.sampled_from(NUMBERS))
param = st.builds("{}.{} {} {}".format, st.sampled_from(["params", "tags"]), keys, equal_ops, texts)
likes = st.builds("{}.{} {} {}".format, st.sampled_from(["params", "tags"]), keys, like_ops, patterns)
nulls = st.builds(
    "{}.{} IS {}".format, st.sampled_from(["params", "tags"]), keys, st.sampled_from(["NULL", "NOT NULL"])
)
attribute = st.builds("{} {} {}".format, st.sampled_from(["run_name", "status", "user_id"]), equal_ops, texts)
names = st.builds("run_name {} {}".format, like_ops, patterns)
times = st.builds(
    "{} {} {}".format, st.sampled_from(["start_time", "end_time"]), numeric_ops, st.sampled_from(["1", "2", "3"])
)
members = st.builds(
    "{} {} ({})".format,
    st.sampled_from(["run_name", "status", "dataset.name"]),
    st.sampled_from(["IN", "NOT IN"]),
    st.lists(texts, min_size=1, max_size=3).map(", ".join),
)
datasets = st.builds(
    "dataset.{} {} {}".format, st.sampled_from(["name", "digest", "context"]), st.one_of(equal_ops, like_ops), texts
)
comparison = st.one_of(metric, param, likes, nulls, attribute, names, times, members, datasets)
filters = st.recursive(
    comparison,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)
orders = st.lists(
    st.builds(
        "{} {}".format,
        st.one_of(
            keys.map("metrics.{}".format),
            figures.map("metrics.{}".format),
            keys.map("params.{}".format),
            keys.map("tags.{}".format),
            st.sampled_from(["start_time", "end_time", "run_name", "status", "run_id"]),
        ),
        st.sampled_from(["ASC", "DESC", ""]),
    ),
    max_size=3,
)


HISTORY: dict[str, dict[str, list[float]]] = {}
"""What was logged to each run, by key."""


def fill(store: Store) -> tuple[str, list[Run]]:
    """An experiment whose 60 runs differ in every respect, by a rule and not by chance."""
    experiment = store.experiments.create(f"n-{uuid.uuid4().hex}")
    runs = []
    for i in range(60):
        new = NewRun(
            experiment_id=experiment, run_name=TEXTS[1 + i % (len(TEXTS) - 1)], user_id=TEXTS[i % 5], start_time=i % 4
        )
        run_id = store.runs.create(new).info.run_id
        kept = [key for place, key in enumerate(KEYS) if (i >> place) & 1]
        HISTORY[run_id] = {key: [LOGGED[(i * n + len(key)) % len(LOGGED)] for n in range(1, 4)] for key in kept}
        metrics = tuple(
            Metric(key=key, value=value, timestamp=1, step=step)
            for key, logged in HISTORY[run_id].items()
            for step, value in enumerate(logged)
        )
        params = tuple(Param(key=key, value=TEXTS[(i * 7 + len(key)) % len(TEXTS)]) for key in kept[1:])
        tags = tuple(RunTag(key=key, value=TEXTS[(i * 5 + len(key)) % len(TEXTS)]) for key in kept[:2])
        store.runs.log_batch(run_id, RunBatch(metrics=metrics, params=params, tags=tags))
        store.runs.log_inputs(run_id, [used(i, number) for number in range(i % 3)])
        if i % 3:
            store.runs.update(run_id, status=["FINISHED", "FAILED"][i % 2], end_time=i % 5)
        runs.append(store.runs.get(run_id))
    return experiment, runs


def used(i: int, number: int) -> DatasetInput:
    name = TEXTS[1 + (i + number) % 4]
    tags = (InputTag(key=TAG_CONTEXT, value=TEXTS[i % 4]),) if i % 2 else ()
    return DatasetInput(dataset=Dataset(name=name, digest=TEXTS[(i * number) % 4]), tags=tags)


def values_of(run: Run) -> Callable[[str, str], Sequence[Any]]:
    attributes = dict(run.info)

    def values(kind: str, key: str) -> Sequence[Any]:
        if kind == "attribute":
            return [attributes[key]] if attributes[key] is not None else []
        if kind == "dataset":
            inputs = run.inputs.dataset_inputs
            if key == "context":
                return [one.context for one in inputs if one.context]
            return [getattr(one.dataset, key) for one in inputs]
        if kind.startswith("metric."):
            logged = HISTORY[run.info.run_id].get(key)
            return [] if logged is None else [figure(logged, kind)]
        found: dict[str, Any] = {"metric": run.data.metrics, "param": run.data.params, "tag": run.data.tags}[kind]
        return [found[key]] if key in found else []

    return values


def figure(logged: list[float], kind: str) -> float:
    numbers = [value for value in logged if not math.isnan(value)]
    if kind == "metric.first":
        return logged[0]
    if kind == "metric.mean":
        return sum(numbers) / len(numbers) if numbers else math.nan
    return {"metric.min": min, "metric.max": max}[kind](numbers, default=math.nan)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("search")
    uri = f"sqlite:///{folder / 'mlyard.db'}"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        uri = cluster.new_database()
    store = open_sql_store(uri, str(folder))
    yield (store, *fill(store))
    store.close()


@settings(max_examples=3000 if SOAK else 75)
@given(text=st.one_of(st.just(""), filters), clauses=orders, size=st.sampled_from([3, 7, 1000]))
def test_the_databases_find_what_the_evaluator_finds(filled: Any, text: str, clauses: list[str], size: int) -> None:
    agree(filled, text, clauses, size)


ABOUT_ONE_KEY = [
    *(f"run_name ILIKE '{text}'" for text in ("ä", "Ä", "z", "Z", "Z[", "Z%")),
    *(f"metrics.k {op} {number}" for op in ("=", "!=", "<", "<=", ">", ">=") for number in ("1", "-1.5")),
    *(f"{kind}.k {op} 'a'" for kind in ("params", "tags") for op in ("=", "!=", "LIKE", "ILIKE")),
    *(f"{kind}.k IS {null}" for kind in ("params", "tags") for null in ("NULL", "NOT NULL")),
]


@pytest.mark.parametrize("text", ABOUT_ONE_KEY)
@pytest.mark.parametrize("form", ["{}", "NOT ({})", "{} AND status = 'FAILED'", "{} OR status = 'FAILED'"])
def test_they_agree_on_an_order_by_the_key_that_is_filtered(filled: Any, text: str, form: str) -> None:
    for direction in ("ASC", "DESC"):
        agree(filled, form.format(text), [f"{text.split(maxsplit=1)[0]} {direction}"], size=7)


def agree(filled: Any, text: str, clauses: list[str], size: int) -> None:
    store, experiment, runs = filled
    node, parsed = with_figures(parse_filter(text, fields.RUNS), parse_orders(clauses, fields.RUNS), KEYS)
    matching = [run for run in runs if holds(node, values_of(run))]
    matching.sort(key=lambda run: (-run.info.start_time, run.info.run_id))
    expected = ordered(matching, parsed, values_of)
    found: list[Run] = []
    token = None
    while not found or token:
        query = ScopedQuery(
            experiment_ids=(experiment,), filter=text, order_by=tuple(clauses), max_results=size, page_token=token
        )
        page = store.runs.search(query)
        found, token = found + page, page.token
        if not page:
            break
    assert [run.info.run_id for run in found] == [run.info.run_id for run in expected]
