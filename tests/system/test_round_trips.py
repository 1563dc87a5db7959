"""What was logged is what comes back: equal, or refused with its name, from every store."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mlyard
from mlyard import MlyardClient
from mlyard.core.errors import InvalidParameter
from mlyard.entities import Metric, Param, RunTag
from tests.conftest import SOAK

# All of Unicode but NUL, which PostgreSQL cannot store.
texts = st.text(st.characters(min_codepoint=1), max_size=60)
halves = st.text(st.characters(min_codepoint=1, categories=["L", "N", "P", "Cs"]), max_size=10)
floats = st.floats(allow_subnormal=True)
numbers = (
    floats
    | st.integers(-(2**53), 2**53)
    | st.booleans()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000)
    | floats.map(np.float64)
    | st.floats(width=32).map(np.float32)
    | st.integers(-(2**31), 2**31 - 1).map(np.int64)
    | floats.map(lambda number: np.array([number]))
)
int64 = st.integers(-(2**63), 2**63 - 1)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
values = texts | halves | numbers | st.none() | st.lists(st.integers(), max_size=3)
NAME = "the name/of it"


@dataclass(frozen=True)
class Place:
    """What values are logged to: a run, its experiment, a logged model, a registered model and a version of it."""

    client: MlyardClient
    run: str
    experiment: str
    model: str
    registered: str

    def data(self) -> Any:
        return self.client.get_run(self.run).data

    def artifact(self, path: str) -> bytes:
        return Path(self.client.download_artifacts(self.run, path)).read_bytes()


@dataclass(frozen=True)
class Loggable:
    """What can be logged: the values, how one is logged and read again, and how it is read if it is equal."""

    values: st.SearchStrategy[Any]
    log: Callable[[Place, Any], Any]
    read: Callable[[Place], Any]
    expected: Callable[[Any], Any] = str
    name: str = NAME


def number_of(value: Any) -> float:
    return float(value.item() if isinstance(value, np.ndarray) else value)


def last_point(place: Place) -> tuple[float, int, int]:
    (point,) = place.client.get_metric_history(place.run, NAME)
    return point.value, point.timestamp, point.step


POINTS = st.tuples(numbers, int64, int64)
LOGGABLE: dict[str, Loggable] = {
    "log_param": Loggable(values, lambda p, v: p.client.log_param(p.run, NAME, v), lambda p: p.data().params[NAME]),
    "set_tag": Loggable(values, lambda p, v: p.client.set_tag(p.run, NAME, v), lambda p: p.data().tags[NAME]),
    "log_metric": Loggable(
        POINTS,
        lambda p, v: p.client.log_metric(p.run, NAME, v[0], timestamp=v[1], step=v[2]),
        last_point,
        lambda v: (number_of(v[0]), v[1], v[2]),
    ),
    "log_batch metrics": Loggable(
        POINTS,
        lambda p, v: p.client.log_batch(p.run, metrics=[Metric(NAME, *v)]),
        last_point,
        lambda v: (number_of(v[0]), v[1], v[2]),
    ),
    "log_batch params": Loggable(
        values, lambda p, v: p.client.log_batch(p.run, params=[Param(NAME, v)]), lambda p: p.data().params[NAME]
    ),
    "log_batch tags": Loggable(
        values, lambda p, v: p.client.log_batch(p.run, tags=[RunTag(NAME, v)]), lambda p: p.data().tags[NAME]
    ),
    "log_text": Loggable(
        texts | halves,
        lambda p, v: p.client.log_text(p.run, v, f"{NAME}.txt"),
        lambda p: p.artifact(f"{NAME}.txt").decode(),
    ),
    "log_dict": Loggable(
        st.dictionaries(texts, json_values, max_size=4) | st.lists(json_values, max_size=4),
        lambda p, v: p.client.log_dict(p.run, v, f"{NAME}.json"),
        lambda p: mlyard.artifacts.load_dict(f"runs:/{p.run}/{NAME}.json"),
        lambda v: v,
    ),
    "log_image": Loggable(
        st.binary(min_size=12, max_size=12).map(lambda raw: np.frombuffer(raw, np.uint8).reshape(2, 2, 3)),
        lambda p, v: p.client.log_image(p.run, v, f"{NAME}.png"),
        lambda p: np.asarray(mlyard.artifacts.load_image(f"runs:/{p.run}/{NAME}.png")).tolist(),
        lambda v: v.tolist(),
    ),
    "set_experiment_tag": Loggable(
        values,
        lambda p, v: p.client.set_experiment_tag(p.experiment, NAME, v),
        lambda p: p.client.get_experiment(p.experiment).tags[NAME],
    ),
    "log_model_params": Loggable(
        values,
        lambda p, v: p.client.log_model_params(p.model, {NAME: v}),
        lambda p: p.client.get_logged_model(p.model).params[NAME],
    ),
    "set_logged_model_tags": Loggable(
        values,
        lambda p, v: p.client.set_logged_model_tags(p.model, {NAME: v}),
        lambda p: p.client.get_logged_model(p.model).tags[NAME],
    ),
    "set_registered_model_tag": Loggable(
        values,
        lambda p, v: p.client.set_registered_model_tag(p.registered, NAME, v),
        lambda p: p.client.get_registered_model(p.registered).tags[NAME],
    ),
    "set_model_version_tag": Loggable(
        values,
        lambda p, v: p.client.set_model_version_tag(p.registered, "1", NAME, v),
        lambda p: p.client.get_model_version(p.registered, "1").tags[NAME],
    ),
    "update_registered_model": Loggable(
        texts,
        lambda p, v: p.client.update_registered_model(p.registered, v),
        lambda p: p.client.get_registered_model(p.registered).description or "",
        name="description",
    ),
    "update_model_version": Loggable(
        texts,
        lambda p, v: p.client.update_model_version(p.registered, "1", v),
        lambda p: p.client.get_model_version(p.registered, "1").description or "",
        name="description",
    ),
}
# Where the others come back from.
ELSEWHERE = {
    "log_artifact": "tests/system/test_artifact_transfers.py",
    "log_artifacts": "tests/system/test_artifact_transfers.py",
    "log_figure": "a rendering",
    "log_outputs": "tests/contract/test_store.py",
    "log_stream": "tests/system/test_artifact_streams.py",
    "log_table": "tests/unit/client/test_tables.py",
    "set_registered_model_alias": "tests/contract/test_store.py",
    "set_terminated": "tests/system/test_runs_end.py",
    "update_run": "tests/contract/test_store.py",
}


@pytest.fixture
def place(tracking: str) -> Callable[[], Place]:
    """Makes new entities on a store of each kind."""
    mlyard.set_tracking_uri(tracking)
    client = MlyardClient(tracking)
    experiment = client.create_experiment(uuid.uuid4().hex)

    def make() -> Place:
        registered = uuid.uuid4().hex
        client.create_registered_model(registered)
        client.create_model_version(registered, "s3://models/line")
        run = client.create_run(experiment).info.run_id
        return Place(client, run, experiment, client.create_logged_model(experiment).model_id, registered)

    return make


def is_same(one: Any, other: Any) -> bool:
    """Whether they are equal; NaN is equal to NaN."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(value, other[name]) for name, value in one.items())
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)


def refusal_of(loggable: Loggable, place: Place, value: Any) -> str | None:
    """Log a value; the message if it is refused."""
    try:
        loggable.log(place, value)
    except InvalidParameter as error:
        return error.message
    return None


@pytest.mark.parametrize("what", LOGGABLE)
@pytest.mark.usefixtures("tracking")
def test_it_comes_back_or_is_refused_by_name(place: Callable[[], Place], what: str) -> None:
    loggable, came_back = LOGGABLE[what], []

    @settings(
        max_examples=200 if SOAK else 10,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(loggable.values)
    def check(value: Any) -> None:
        here = place()
        refusal = refusal_of(loggable, here, value)
        if refusal is None:
            assert is_same(loggable.read(here), loggable.expected(value))
            came_back.append(value)
        else:
            assert loggable.name in refusal

    check()
    assert came_back, "everything was refused"


def test_the_table_has_everything_that_can_be_logged() -> None:
    prefixes = ("log_", "set_", "update_")
    of_client = {name for name in dir(MlyardClient) if name.startswith(prefixes)}
    assert of_client - {name.partition(" ")[0] for name in LOGGABLE} == ELSEWHERE.keys()
