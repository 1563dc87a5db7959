"""Numbers and texts that are logged: taken exactly, or refused with the name; and any number of them at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlyard
from mlyard.client.values import metric_of, whole
from mlyard.core.errors import InvalidParameter
from mlyard.domain import limits
from mlyard.domain.inputs import Dataset
from mlyard.entities import Metric, ModelOutput, Param, RunTag


class Tensor:
    """A tensor as PyTorch's and JAX's: ``item()`` works if it has one element."""

    def __init__(self, *elements: float) -> None:
        self.elements = elements

    def item(self) -> float:
        if len(self.elements) != 1:
            raise RuntimeError(f"a Tensor with {len(self.elements)} elements cannot be converted to Scalar")
        return self.elements[0]


class EagerTensor:
    """A tensor as TensorFlow's: an array, after ``numpy()``."""

    def numpy(self) -> Any:
        return np.array([1.5])


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1.0),
        (True, 1.0),
        ("1.5", 1.5),
        (Decimal("1.5"), 1.5),
        (Fraction(3, 2), 1.5),
        (np.float32(1.5), 1.5),
        (np.int64(2), 2.0),
        (np.bool_(True), 1.0),
        (np.array(1.5), 1.5),
        (np.array([1.5]), 1.5),
        (np.array([[1.5]], dtype="float32"), 1.5),
        (pd.Series([1.5]), 1.5),
        (Tensor(1.5), 1.5),
        (EagerTensor(), 1.5),
        (math.inf, math.inf),
        (np.array([-np.inf]), -math.inf),
    ],
)
def test_numbers(value: Any, number: float) -> None:
    assert metric_of("m", value).value == number


@pytest.mark.parametrize(
    "value",
    [
        *(None, "x", [1.5], {}, 1j, 10**400, object(), pd.Timestamp("2020-01-01"), Tensor(1, 2)),
        *(np.array([1.0, 2.0]), np.array([]), np.array(["x"]), pd.Series([1, 2])),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_a_number_is_refused_with_the_name(value: Any) -> None:
    with pytest.raises(InvalidParameter, match="metric 'accuracy' must be a number"):
        metric_of("accuracy", value)


@pytest.mark.parametrize("value", [2, 2.0, "2", np.int32(2), np.float64(2), np.array([2]), Decimal("2.0"), Tensor(2)])
def test_whole_numbers(value: Any) -> None:
    assert whole(value, "step", "it") == 2


LOGGED: dict[str, Callable[[mlyard.MlyardClient, str, Any], object]] = {
    "log_metric(step)": lambda _, run, value: mlyard.log_metric("m", 1, step=value, run_id=run),
    "log_metric(timestamp)": lambda _, run, value: mlyard.log_metric("m", 1, timestamp=value, run_id=run),
    "log_metrics(step)": lambda _, run, value: mlyard.log_metrics({"m": 1}, step=value, run_id=run),
    "log_metrics(timestamp)": lambda _, run, value: mlyard.log_metrics({"m": 1}, timestamp=value, run_id=run),
    "client.log_metric(step)": lambda client, run, value: client.log_metric(run, "m", 1, step=value),
    "client.log_metric(timestamp)": lambda client, run, value: client.log_metric(run, "m", 1, timestamp=value),
    "client.log_batch(step)": lambda client, run, value: client.log_batch(run, [Metric("m", 1, 0, value)]),
    "client.log_batch(timestamp)": lambda client, run, value: client.log_batch(run, [Metric("m", 1, value)]),
    "client.create_run": lambda client, _, value: client.create_run("0", start_time=value),
    "client.set_terminated": lambda client, run, value: client.set_terminated(run, end_time=value),
    "client.log_outputs": lambda client, run, value: client.log_outputs(
        run, [ModelOutput(model_id=client.create_logged_model("0", "line").model_id, step=value)]
    ),
    "client.log_image(step)": lambda client, run, value: client.log_image(run, np.zeros((2, 2)), key="k", step=value),
    "client.log_image(timestamp)": lambda client, run, value: client.log_image(
        run, np.zeros((2, 2)), key="k", timestamp=value
    ),
}


@pytest.mark.parametrize("value", [1.7, math.nan, math.inf, "x", [1]], ids=repr)
@pytest.mark.parametrize("call", LOGGED.values(), ids=LOGGED)
def test_a_fraction_is_refused_where_whole_numbers_are_expected(
    call: Callable[[mlyard.MlyardClient, str, Any], object], value: Any
) -> None:
    client = mlyard.MlyardClient()
    run = client.create_run("0").info.run_id
    with pytest.raises(InvalidParameter, match="needs a whole number"):
        call(client, run, value)
    assert client.get_run(run).data.metrics == {}
    assert client.get_metric_history(run, "m") == []
    assert client.list_artifacts(run) == []


@pytest.mark.parametrize("call", LOGGED.values(), ids=LOGGED)
def test_a_float_that_is_whole_is_taken(call: Callable[[mlyard.MlyardClient, str, Any], object]) -> None:
    client = mlyard.MlyardClient()
    run = client.create_run("0").info.run_id
    call(client, run, 1_700_000_000_000.0)
    for point in client.get_metric_history(run, "m"):
        assert 1_700_000_000_000 in {point.step, point.timestamp}
        assert (type(point.step), type(point.timestamp)) == (int, int)


@given(st.one_of(st.floats(), st.integers(), st.decimals(), st.fractions()))
def test_a_number_is_taken_exactly_or_refused(value: Any) -> None:
    try:
        is_whole = Fraction(value).denominator == 1
    except (ValueError, OverflowError):  # not finite
        is_whole = False
    if is_whole:
        assert whole(value, "step", "it") == value
    else:
        with pytest.raises(InvalidParameter):
            whole(value, "step", "it")


@pytest.mark.parametrize(
    "call",
    [
        lambda: mlyard.log_param(1, 2),  # type: ignore[arg-type]  # what is refused
        lambda: mlyard.log_params({1: 2}),  # type: ignore[dict-item]
        lambda: mlyard.set_tag(1, 2),  # type: ignore[arg-type]
        lambda: mlyard.log_metric(1, 2),  # type: ignore[arg-type]
    ],
)
def test_a_key_that_is_not_text_is_refused(call: Callable[[], object]) -> None:
    with mlyard.start_run(), pytest.raises(InvalidParameter, match="must be text, not 1"):
        call()


MANY = {f"k{number}": str(number) for number in range(limits.MAX_BATCH + 300)}


def test_any_number_of_values_is_logged_in_one_call() -> None:
    with mlyard.start_run(tags=MANY) as run:
        mlyard.log_params(MANY)
        mlyard.log_metrics({key: float(value) for key, value in MANY.items()})
        mlyard.set_tags({f"second.{key}": value for key, value in MANY.items()})
    data = mlyard.get_run(run.info.run_id).data
    assert data.params == MANY
    assert data.metrics == {key: float(value) for key, value in MANY.items()}
    assert MANY.items() <= data.tags.items()
    assert {f"second.{key}": value for key, value in MANY.items()}.items() <= data.tags.items()


def test_a_mixed_batch_over_the_limit_of_their_sum() -> None:
    client = mlyard.MlyardClient()
    run_id = client.create_run("0").info.run_id
    keys = [f"k{number}" for number in range(limits.MAX_BATCH_PARAMS)]
    metrics = [Metric(f"k{number}", number, 0) for number in range(limits.MAX_BATCH_METRICS)]
    client.log_batch(run_id, metrics, [Param(key, key) for key in keys], [RunTag(key, key) for key in keys])
    data = client.get_run(run_id).data
    assert (len(data.metrics), list(data.params), keys) == (
        len(metrics),
        sorted(keys),
        [k for k in keys if k in data.tags],
    )


@pytest.mark.parametrize("bad", [Param("not/../valid", "1"), Param("k0", "another value")], ids=["key", "twice"])
def test_of_many_values_with_an_invalid_one_none_is_logged(bad: Param) -> None:
    client = mlyard.MlyardClient()
    run_id = client.create_run("0").info.run_id
    with pytest.raises(InvalidParameter):
        client.log_batch(run_id, params=[*(Param(key, value) for key, value in MANY.items()), bad])
    assert client.get_run(run_id).data.params == {}


ASYNCHRONOUS: dict[str, Callable[[mlyard.MlyardClient, str, bool | None], Any]] = {
    "log_metric": lambda _, __, flag: mlyard.log_metric("m", 1, synchronous=flag),
    "log_metrics": lambda _, __, flag: mlyard.log_metrics({"m": 1}, synchronous=flag),
    "log_param": lambda _, __, flag: mlyard.log_param("p", 1, synchronous=flag),
    "log_params": lambda _, __, flag: mlyard.log_params({"p": 1}, synchronous=flag),
    "set_tag": lambda _, __, flag: mlyard.set_tag("t", 1, synchronous=flag),
    "set_tags": lambda _, __, flag: mlyard.set_tags({"t": 1}, synchronous=flag),
    "client.log_metric": lambda client, run, flag: client.log_metric(run, "m", 1, synchronous=flag),
    "client.log_param": lambda client, run, flag: client.log_param(run, "p", 1, synchronous=flag),
    "client.set_tag": lambda client, run, flag: client.set_tag(run, "t", 1, synchronous=flag),
    "client.log_batch": lambda client, run, flag: client.log_batch(run, [Metric("m", 1, 0)], synchronous=flag),
}


@pytest.mark.parametrize("call", ASYNCHRONOUS.values(), ids=ASYNCHRONOUS)
def test_what_is_logged_asynchronously_can_be_waited_for(
    call: Callable[[mlyard.MlyardClient, str, bool | None], Any],
) -> None:
    client = mlyard.MlyardClient()
    with mlyard.start_run() as run:
        before = client.get_run(run.info.run_id).data
        call(client, run.info.run_id, False).wait()
        assert client.get_run(run.info.run_id).data != before
        assert call(client, run.info.run_id, None) in {None, 1}  # a param is returned


def test_the_dataset_of_a_metric() -> None:
    dataset = Dataset("wine", "abc")
    with mlyard.start_run() as run:
        model = mlyard.initialize_logged_model("line")
        mlyard.log_metric("m", 1, model_id=model.model_id, dataset=dataset)
        mlyard.log_metrics({"n": 1}, model_id=model.model_id, dataset=dataset)
    points = mlyard.get_logged_model(model.model_id).metrics
    assert [(point.key, point.dataset_name, point.dataset_digest) for point in points] == [
        ("m", "wine", "abc"),
        ("n", "wine", "abc"),
    ]
    assert run.info.run_id == points[0].run_id
