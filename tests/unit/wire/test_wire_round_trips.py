"""What is put on the wire arrives: every object and every query is decoded as it was encoded."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlyard.core.errors import InvalidParameter
from mlyard.domain.artifacts import FileInfo
from mlyard.domain.experiments import Experiment
from mlyard.domain.inputs import DatasetInput, DatasetSummary
from mlyard.domain.limits import MAX_DATASET_EXPERIMENTS, MAX_HISTORY_RUNS, MAX_SAMPLES
from mlyard.domain.logged_models import STATUSES as MODEL_STATUSES
from mlyard.domain.logged_models import DatasetReference, LoggedModel, LoggedModelQuery, NewLoggedModel
from mlyard.domain.metrics import Metric
from mlyard.domain.model_versions import ModelVersion, NewModelVersion
from mlyard.domain.page import ACTIVE_ONLY, ALL, DELETED_ONLY, PagedList, ScopedQuery, SearchQuery
from mlyard.domain.registered_models import RegisteredModel
from mlyard.domain.runs import STATUSES, ModelOutput, NewRun, Run, RunBatch, RunInfo
from mlyard.wire import artifacts, experiments, inputs, logged_models, metrics, model_versions, registered_models, runs
from mlyard.wire.message import decode, encode

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5)
INT = st.integers(-(2**63), 2**63 - 1)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: INT,
    bool: st.booleans(),
    float: st.floats(allow_nan=False),
    type(None): st.none(),
}
# What the wire does not carry: it is known from elsewhere, or has no place in MLflow's protocol.
LEFT_OUT = {
    Metric: {"model_id", "dataset_name", "dataset_digest", "run_id"},
    NewModelVersion: {"storage_location"},
    LoggedModelQuery: {"view", "order_by", "order_datasets"},
}
# Empty ones are refused there.
NEVER_EMPTY = {(DatasetReference, "name")}


def any_of(kind: Any, *, left_out: bool = True) -> st.SearchStrategy[Any]:
    """Any value of a type: a plain one, an entity, or a collection of them."""
    if kind in PLAIN:
        return PLAIN[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return st.one_of([any_of(each, left_out=left_out) for each in inner])
    if origin is tuple:
        return st.lists(any_of(inner[0], left_out=left_out), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(any_of(inner[0]), any_of(inner[1]), max_size=2)
    hints = get_type_hints(kind)
    skipped = LEFT_OUT.get(kind, set()) if left_out else set()
    fields = {name: any_of(hints[name], left_out=left_out) for name in kind.__struct_fields__ if name not in skipped}
    if "view" in fields:
        fields["view"] = st.sampled_from([ACTIVE_ONLY, DELETED_ONLY, ALL])
    given = {name: each | st.just("") if is_optional(kind, name) else each for name, each in fields.items()}
    return st.builds(kind, **given)


def is_optional(kind: Any, name: str) -> bool:
    defaults = dict(zip(kind.__struct_fields__[::-1], kind.__struct_defaults__[::-1], strict=False))
    return defaults.get(name) == "" and (kind, name) not in NEVER_EMPTY


ENTITIES: list[tuple[Any, Callable[[Any], Any], Callable[[Any], Any]]] = [
    (Experiment, experiments.encode_experiment, experiments.decode_experiment),
    (SearchQuery, experiments.encode_query, experiments.decode_query),
    (RunInfo, runs.encode_info, runs.decode_info),
    (Run, runs.encode_run, runs.decode_run),
    (NewRun, runs.encode_new_run, runs.decode_new_run),
    (ScopedQuery, runs.encode_query, runs.decode_query),
    (DatasetInput, inputs.encode_input, inputs.decode_input),
    (ModelVersion, model_versions.encode_version, model_versions.decode_version),
    (NewModelVersion, model_versions.encode_new_version, model_versions.decode_new_version),
    (RegisteredModel, registered_models.encode_model, registered_models.decode_model),
    (NewLoggedModel, logged_models.encode_new_model, logged_models.decode_new_model),
    (LoggedModelQuery, logged_models.encode_query, logged_models.decode_query),
]
# With everything that a point may name.
WHOLE: list[tuple[Any, Callable[[Any], Any], Callable[[Any], Any]]] = [
    (LoggedModel, logged_models.encode_model, logged_models.decode_model),
    (Metric, metrics.encode_linked_metric, metrics.decode_metric_out),
]
PAGES: list[tuple[Any, Callable[[Any], Any], Callable[[Any], Any]]] = [
    (Experiment, experiments.encode_experiments, experiments.decode_experiments),
    (Run, runs.encode_runs, runs.decode_runs),
    (Metric, metrics.encode_history, metrics.decode_history),
    (ModelVersion, model_versions.encode_versions, model_versions.decode_versions),
    (RegisteredModel, registered_models.encode_models, registered_models.decode_models),
    (LoggedModel, logged_models.encode_models, logged_models.decode_models),
]
LISTS: list[tuple[Any, Callable[[Any], Any], Callable[[Any], Any]]] = [
    (DatasetSummary, inputs.encode_summaries, inputs.decode_summaries),
    (FileInfo, artifacts.encode_files, artifacts.decode_files),
    (Metric, metrics.encode_metrics, metrics.decode_metrics),
    (Metric, metrics.encode_bulk, metrics.decode_metrics),
]


def sent(message: Any) -> Any:
    return decode(encode(message), type(message))


@pytest.mark.parametrize(("kind", "to_wire", "from_wire"), [*ENTITIES, *WHOLE])
@given(data=st.data())
def test_objects(data: st.DataObject, kind: Any, to_wire: Any, from_wire: Any) -> None:
    found = data.draw(any_of(kind, left_out=(kind, to_wire, from_wire) in ENTITIES))
    assert from_wire(sent(to_wire(found))) == found


@pytest.mark.parametrize(("kind", "to_wire", "from_wire"), PAGES)
@settings(max_examples=25)  # what is on the pages is tested above
@given(data=st.data(), token=TEXT | st.none())
def test_pages(data: st.DataObject, token: str | None, kind: Any, to_wire: Any, from_wire: Any) -> None:
    page = PagedList(data.draw(st.lists(any_of(kind), max_size=3)), token)
    back = from_wire(sent(to_wire(page)))
    assert (list(back), back.token) == (list(page), token)


@pytest.mark.parametrize(("kind", "to_wire", "from_wire"), LISTS)
@given(data=st.data())
def test_lists(data: st.DataObject, kind: Any, to_wire: Any, from_wire: Any) -> None:
    found = data.draw(st.lists(any_of(kind, left_out=False), max_size=3))
    assert from_wire(sent(to_wire(found))) == found


@given(any_of(RunBatch, left_out=False))
def test_batches(batch: RunBatch) -> None:
    """A point that is logged does not name its run: the request does."""
    points = tuple(msgspec.structs.replace(metric, run_id=None) for metric in batch.metrics)
    message = sent(runs.encode_batch("r", batch))
    assert runs.decode_batch(message) == msgspec.structs.replace(batch, metrics=points)
    assert message.run_id == "r"


@given(any_of(SearchQuery))
def test_registry_queries(query: SearchQuery) -> None:
    """The registry has no deleted entities, and no view of them."""
    back = registered_models.decode_query(sent(registered_models.encode_query(query)), 7)
    assert back == msgspec.structs.replace(query, view=SearchQuery().view)
    assert registered_models.decode_query(registered_models.SearchRegistry(), 7).max_results == 7


@given(st.lists(any_of(ModelOutput), max_size=3))
def test_outputs(outputs: list[ModelOutput]) -> None:
    message = runs.LogOutputs(
        run_id="r", models=[runs.ModelOutput(model_id=one.model_id, step=one.step) for one in outputs]
    )
    assert runs.decode_outputs(sent(message).models) == outputs


@pytest.mark.parametrize(
    ("clause", "back"),
    [
        ("metrics.a", "metrics.a ASC"),
        ("metrics.a desc", "metrics.a DESC"),
        (" metrics.`a b`  Asc ", "metrics.`a b` ASC"),
    ],
)
def test_orders_of_logged_models(clause: str, back: str) -> None:
    """On the wire they are structured."""
    query = LoggedModelQuery(experiment_ids=("0",), order_by=(clause, "name ASC"))
    found = logged_models.decode_query(sent(logged_models.encode_query(query)))
    assert found.order_by == (back, "name ASC")
    assert [(one.name, one.digest) for one in found.order_datasets] == [("", ""), ("", "")]


def test_datasets_of_orders() -> None:
    """An order without a dataset sorts by all."""
    first = DatasetReference(name="d", digest="1")
    query = LoggedModelQuery(experiment_ids=("0",), order_by=("metrics.a DESC", "name ASC"), order_datasets=(first,))
    found = logged_models.decode_query(sent(logged_models.encode_query(query)))
    assert found == msgspec.structs.replace(query, order_datasets=(first, DatasetReference()))


@pytest.mark.parametrize("status", STATUSES)
def test_a_runs_status_may_be_a_number(status: str) -> None:
    number = str(1 + STATUSES.index(status))
    for given_status in (status, number, int(number)):
        assert runs.status_of(runs.UpdateRun(status=given_status)) == status
    assert runs.status_of(runs.UpdateRun()) is None


@pytest.mark.parametrize("status", MODEL_STATUSES)
def test_a_models_status_may_be_a_number(status: str) -> None:
    number = str(1 + MODEL_STATUSES.index(status))
    for given_status in (status, number, int(number)):
        message = logged_models.FinalizeLoggedModel(model_id="m", status=given_status)
        assert logged_models.status_of(message) == status


def test_a_run_has_two_names_for_its_id() -> None:
    assert runs.run_id_of(runs.RunId(run_id="a")) == runs.run_id_of(runs.RunId(run_uuid="a")) == "a"
    with pytest.raises(InvalidParameter) as caught:
        runs.run_id_of(runs.RunId())
    assert caught.value.message == (
        "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters."
    )


def test_a_new_run_without_an_experiment_is_in_the_default_one() -> None:
    assert runs.decode_new_run(runs.CreateRun()).experiment_id == "0"


@pytest.mark.parametrize(
    ("check", "largest", "refused"),
    [
        (
            metrics.check_bulk,
            metrics.GetHistoryBulk(run_id=["r"] * MAX_HISTORY_RUNS, metric_key="m"),
            [
                metrics.GetHistoryBulk(run_id=["r"] * (MAX_HISTORY_RUNS + 1), metric_key="m"),
                metrics.GetHistoryBulk(run_id=[], metric_key="m"),
                metrics.GetHistoryBulk(run_id=["r"], metric_key=""),
            ],
        ),
        (
            metrics.check_interval,
            metrics.GetHistoryInterval(run_ids=["r"] * MAX_HISTORY_RUNS, metric_key="m"),
            [metrics.GetHistoryInterval(run_ids=["r"] * (MAX_HISTORY_RUNS + 1), metric_key="m")],
        ),
        (
            inputs.check_search,
            inputs.SearchDatasets(experiment_ids=["0"] * MAX_DATASET_EXPERIMENTS),
            [
                inputs.SearchDatasets(experiment_ids=["0"] * (MAX_DATASET_EXPERIMENTS + 1)),
                inputs.SearchDatasets(experiment_ids=[]),
            ],
        ),
    ],
)
def test_limits_are_reached_and_not_passed(check: Callable[[Any], None], largest: Any, refused: list[Any]) -> None:
    check(largest)
    for request in refused:
        with pytest.raises(InvalidParameter):
            check(request)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (MAX_SAMPLES, None, None)),
        ({"max_results": 1}, (1, None, None)),
        ({"max_results": MAX_SAMPLES, "start_step": 3, "end_step": 3}, (MAX_SAMPLES, 3, 3)),
        ({"max_results": 2, "start_step": -1, "end_step": 0}, (2, -1, 0)),
        ({"max_results": 0}, None),
        ({"max_results": MAX_SAMPLES + 1}, None),
        ({"start_step": 0}, None),
        ({"end_step": 0}, None),
        ({"start_step": 1, "end_step": 0}, None),
    ],
)
def test_samplings(fields: dict[str, int], expected: tuple[int, int | None, int | None] | None) -> None:
    request = metrics.GetHistoryInterval(run_ids=["r"], metric_key="m", **fields)
    if expected is None:
        with pytest.raises(InvalidParameter):
            metrics.decode_sampling(request)
        return
    found = metrics.decode_sampling(request)
    assert (found.count, found.start, found.end) == expected
