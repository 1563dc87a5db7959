"""The part of a message that is wrong is found, at any depth."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.wire.artifacts import CompleteUpload
from mlyard.wire.inputs import LogInputs
from mlyard.wire.message import Message
from mlyard.wire.metrics import GetHistoryInterval, LogMetric
from mlyard.wire.routes import ROUTES
from mlyard.wire.runs import CreateRun, Heartbeat, LogBatch, LogOutputs
from mlyard.wire.validation import Problem, find_problem

METRIC = {"key": "m", "value": 1, "timestamp": 1}
CASES: list[tuple[type[Message], Any, Problem]] = [
    (LogBatch, {}, Problem("it is required", ("run_id",), is_missing=True)),
    (LogBatch, {"run_id": ""}, Problem("Expected `str` of length >= 1", ("run_id",), is_missing=True)),
    (
        GetHistoryInterval,
        {"run_ids": [], "metric_key": "m"},
        Problem("Expected `array` of length >= 1", ("run_ids",), is_missing=True),
    ),
    (
        LogBatch,
        {"run_id": "r", "metrics": [METRIC, {"key": "m", "value": 1}]},
        Problem("it is required", ("metrics", 1, "timestamp"), is_missing=True),
    ),
    (
        LogOutputs,
        {"run_id": "r", "models": [{"model_id": ""}]},
        Problem("Expected `str` of length >= 1", ("models", 0, "model_id"), is_missing=True),
    ),
    (LogBatch, [], Problem("Expected `object`, got `array`", ())),
    (LogBatch, {"run_id": 5}, Problem("Expected `str`, got `int`", ("run_id",))),
    (LogBatch, {"run_id": None}, Problem("Expected `str`, got `null`", ("run_id",))),
    (LogMetric, {**METRIC, "value": True}, Problem("Expected `float | str`, got `bool`", ("value",))),
    (LogMetric, {**METRIC, "step": "x"}, Problem("Expected `int`, got `str`", ("step",))),
    (LogMetric, {**METRIC, "step": 1.5}, Problem("Expected `int`, got `float`", ("step",))),
    (LogBatch, {"run_id": "r", "tags": {}}, Problem("Expected `array`, got `object`", ("tags",))),
    (LogBatch, {"run_id": "r", "tags": [7]}, Problem("Expected `object`, got `int`", ("tags", 0))),
    (LogBatch, {"run_id": "r", "tags": [{"key": 7}]}, Problem("Expected `str`, got `int`", ("tags", 0, "key"))),
    (CreateRun, {"start_time": "x"}, Problem("Expected `int | null`, got `str`", ("start_time",))),
    (CreateRun, {"request_id": "x" * 65}, Problem("Expected `str` of length <= 64", ("request_id",))),
    (Heartbeat, {"run_id": "r", "seconds": 0}, Problem("Expected `float` > 0.0", ("seconds",))),
    (Heartbeat, {"run_id": "r", "seconds": 1e9}, Problem("Expected `float` <= 86400.0", ("seconds",))),
    (
        LogInputs,
        {"run_id": "r", "datasets": [{"dataset": {"name": []}}]},
        Problem("Expected `str`, got `array`", ("datasets", 0, "dataset", "name")),
    ),
    (
        CompleteUpload,
        {"upload_id": "u", "parts": [{"part_number": "one", "etag": "e"}]},
        Problem("Expected `int`, got `str`", ("parts", 0, "part_number")),
    ),
]


@pytest.mark.parametrize(("kind", "value", "expected"), CASES)
def test_what_is_wrong_and_where(kind: type[Message], value: Any, expected: Problem) -> None:
    assert find_problem(value, kind) == expected


KINDS = sorted({each.request for each in ROUTES}, key=lambda kind: kind.__name__)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just("1")


FIELD_NAMES = st.sampled_from(sorted({name for kind in KINDS for name in kind.__struct_fields__} | {"key", "value"}))


@st.composite
def values(draw: st.DrawFn, kind: type[Message]) -> Any:
    """Something like a message: some of its fields, with values that may fit."""
    names = draw(st.sets(st.sampled_from(kind.__struct_fields__ or ("other",))))
    inner = st.recursive(
        SCALARS, lambda part: st.lists(part, max_size=2) | st.dictionaries(FIELD_NAMES, part, max_size=3), max_leaves=6
    )
    return {name: draw(inner) for name in names}


@given(st.data())
def test_what_msgspec_refuses_is_found_in_its_innermost_part(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    value = data.draw(values(kind))
    try:
        msgspec.convert(value, type=kind, strict=False)
    except msgspec.ValidationError:
        problem = find_problem(value, kind)
        assert problem is not None
        assert " - at `$" not in problem.text
        *holders, _ = problem.path
        for step in holders:
            value = value[step]
    else:
        assert find_problem(value, kind) is None


@pytest.mark.parametrize(
    ("path", "field"), [((), ""), (("a",), "a"), (("a", 0), "a"), (("a", 0, "b"), "b"), ((0, 1), "")]
)
def test_the_field_is_the_last_name_on_the_path(path: tuple[str | int, ...], field: str) -> None:
    assert Problem("", path).field == field
