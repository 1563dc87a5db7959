"""msgspec's errors are texts: one of each kind that a message can raise, and what is read from it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mlyard.wire.artifacts import CompleteUpload
from mlyard.wire.inputs import LogInputs, SearchDatasets
from mlyard.wire.message import Message
from mlyard.wire.metrics import LogMetric
from mlyard.wire.runs import CreateRun, Heartbeat, LogBatch, LogOutputs
from mlyard.wire.validation import Problem, problem_of

METRIC = {"key": "m", "value": 1, "timestamp": 1}
CASES: list[tuple[type[Message], Any, Problem]] = [
    (LogBatch, {}, Problem("Object missing required field `run_id`", (), "run_id")),
    (LogBatch, {"run_id": ""}, Problem("Expected `str` of length >= 1", ("run_id",), "run_id")),
    (
        SearchDatasets,
        {"experiment_ids": []},
        Problem("Expected `array` of length >= 1", ("experiment_ids",), "experiment_ids"),
    ),
    (
        LogBatch,
        {"run_id": "r", "metrics": [METRIC, {"key": "m", "value": 1}]},
        Problem("Object missing required field `timestamp`", ("metrics", 1), "timestamp"),
    ),
    (
        LogOutputs,
        {"run_id": "r", "models": [{"model_id": ""}]},
        Problem("Expected `str` of length >= 1", ("models", 0, "model_id"), "model_id"),
    ),
    (LogBatch, [], Problem("Expected `object`, got `array`", (), None)),
    (LogBatch, {"run_id": 5}, Problem("Expected `str`, got `int`", ("run_id",), None)),
    (LogBatch, {"run_id": None}, Problem("Expected `str`, got `null`", ("run_id",), None)),
    (LogMetric, {**METRIC, "value": True}, Problem("Expected `float | str`, got `bool`", ("value",), None)),
    (LogMetric, {**METRIC, "step": "x"}, Problem("Expected `int`, got `str`", ("step",), None)),
    (LogMetric, {**METRIC, "step": 1.5}, Problem("Expected `int`, got `float`", ("step",), None)),
    (LogBatch, {"run_id": "r", "tags": {}}, Problem("Expected `array`, got `object`", ("tags",), None)),
    (LogBatch, {"run_id": "r", "tags": [7]}, Problem("Expected `object`, got `int`", ("tags", 0), None)),
    (LogBatch, {"run_id": "r", "tags": [{"key": 7}]}, Problem("Expected `str`, got `int`", ("tags", 0, "key"), None)),
    (CreateRun, {"start_time": "x"}, Problem("Expected `int | null`, got `str`", ("start_time",), None)),
    (CreateRun, {"request_id": "x" * 65}, Problem("Expected `str` of length <= 64", ("request_id",), None)),
    (Heartbeat, {"run_id": "r", "seconds": 0}, Problem("Expected `float` > 0.0", ("seconds",), None)),
    (Heartbeat, {"run_id": "r", "seconds": 1e9}, Problem("Expected `float` <= 86400.0", ("seconds",), None)),
    (
        LogInputs,
        {"run_id": "r", "datasets": [{"dataset": {"name": []}}]},
        Problem("Expected `str`, got `array`", ("datasets", 0, "dataset", "name"), None),
    ),
    (
        CompleteUpload,
        {"upload_id": "u", "parts": [{"part_number": "one", "etag": "e"}]},
        Problem("Expected `int`, got `str`", ("parts", 0, "part_number"), None),
    ),
]


@pytest.mark.parametrize(("kind", "value", "expected"), CASES)
def test_the_text_of_each_kind_of_error_is_read(kind: type[Message], value: Any, expected: Problem) -> None:
    with pytest.raises(msgspec.ValidationError) as of_body:
        msgspec.json.decode(msgspec.json.encode(value), type=kind, strict=False)
    with pytest.raises(msgspec.ValidationError) as of_fields:
        msgspec.convert(value, type=kind, strict=False)
    assert problem_of(of_body.value) == problem_of(of_fields.value) == expected


@pytest.mark.parametrize(
    ("path", "field"), [((), ""), (("a",), "a"), (("a", 0), "a"), (("a", 0, "b"), "b"), ((0, 1), "")]
)
def test_the_field_is_the_last_name_on_the_path(path: tuple[str | int, ...], field: str) -> None:
    assert Problem("", path, None).field == field
