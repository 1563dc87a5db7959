"""Runs over REST."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.domain.list_tags import TAG_LOGGED_MODELS
from mlyard.domain.runs import ModelInput, Param, Run, RunBatch, RunTag
from mlyard.ports.runs import SupportsGetMany
from mlyard.server.endpoints.context import Context, Handlers
from mlyard.wire import inputs, metrics, routes
from mlyard.wire import runs as wire
from mlyard.wire.list_tags import AddToRunTag, decode_entry
from mlyard.wire.message import Empty, Message
from mlyard.wire.routes import Route

Req = TypeVar("Req", bound=Message)


_MODEL_FIELDS = ("run_id", "artifact_path", "utc_time_created", "flavors")


def register(handlers: Handlers) -> None:
    """Add the handlers of this file."""
    handlers.add(routes.CREATE_RUN, create)
    handlers.add_quick(routes.CREATE_RUN, submit_create, _created)
    handlers.add(routes.GET_RUN, get)
    handlers.add_many(routes.GET_RUN, getting_many)
    handlers.add(routes.UPDATE_RUN, update)
    handlers.add(routes.DELETE_RUN, delete)
    handlers.add(routes.RESTORE_RUN, restore)
    handlers.add(routes.SEARCH_RUNS, search)
    _add_logging(handlers, routes.LOG_METRIC, _of_metric)
    _add_logging(handlers, routes.LOG_PARAM, _of_param)
    _add_logging(handlers, routes.LOG_BATCH, _of_batch)
    _add_logging(handlers, routes.SET_RUN_TAG, _of_tag)
    handlers.add(routes.DELETE_RUN_TAG, delete_tag)
    handlers.add(routes.LOG_MODEL, log_model)
    handlers.add(routes.ADD_TO_RUN_TAG, add_to_tag)
    handlers.add(routes.LOG_INPUTS, log_inputs)
    handlers.add(routes.LOG_OUTPUTS, log_outputs)
    handlers.add(routes.HEARTBEAT, heartbeat)


def create(context: Context, request: wire.CreateRun) -> wire.RunAnswer:
    return _created(context.store.runs.create(wire.decode_new_run(request)))


def submit_create(context: Context, request: wire.CreateRun) -> Future[Run] | None:
    runs = context.submitting_runs
    return None if runs is None else runs.submit_create(wire.decode_new_run(request))


def _created(made: Run) -> wire.RunAnswer:
    run = wire.encode_run(made)
    run.outputs = None  # as in MLflow: a new run cannot have outputs
    return wire.RunAnswer(run=run)


def get(context: Context, request: wire.RunId) -> wire.RunAnswer:
    return wire.RunAnswer(run=wire.encode_run(context.store.runs.get(wire.run_id_of(request))))


def getting_many(context: Context) -> Callable[[Sequence[wire.RunId]], list[wire.RunAnswer | MlyardError]] | None:
    """The handler of many ``get``, if the store can read many runs at once."""
    runs = context.store.runs
    return partial(_get_many, runs) if isinstance(runs, SupportsGetMany) else None


def _get_many(runs: SupportsGetMany, requests: Sequence[wire.RunId]) -> list[wire.RunAnswer | MlyardError]:
    found = runs.get_many([wire.run_id_of(request) for request in requests])
    return [one if isinstance(one, MlyardError) else wire.RunAnswer(run=wire.encode_run(one)) for one in found]


def update(context: Context, request: wire.UpdateRun) -> wire.RunInfoAnswer:
    info = context.store.runs.update(
        wire.run_id_of(request), status=wire.status_of(request), end_time=request.end_time, run_name=request.run_name
    )
    return wire.RunInfoAnswer(run_info=wire.encode_info(info))


def delete(context: Context, request: wire.RunId) -> Empty:
    context.store.runs.delete(wire.run_id_of(request))
    return Empty()


def restore(context: Context, request: wire.RunId) -> Empty:
    context.store.runs.restore(wire.run_id_of(request))
    return Empty()


def search(context: Context, request: wire.SearchRuns) -> wire.RunsAnswer:
    return wire.encode_runs(context.store.runs.search(wire.decode_query(request)))


def _of_metric(request: metrics.LogMetric) -> tuple[str, RunBatch]:
    return wire.run_id_of(request), RunBatch(metrics=(metrics.decode_metric(request),))


def _of_param(request: wire.LogParam) -> tuple[str, RunBatch]:
    return wire.run_id_of(request), RunBatch(params=(Param(key=request.key, value=request.value),))


def _of_tag(request: wire.SetRunTag) -> tuple[str, RunBatch]:
    return wire.run_id_of(request), RunBatch(tags=(RunTag(key=request.key, value=request.value),))


def _of_batch(request: wire.LogBatch) -> tuple[str, RunBatch]:
    return request.run_id, wire.decode_batch(request)


def _add_logging(handlers: Handlers, route: Route[Req, Empty], read: Callable[[Req], tuple[str, RunBatch]]) -> None:
    def log(context: Context, request: Req) -> Empty:
        context.store.runs.log_batch(*read(request))
        return Empty()

    def submit(context: Context, request: Req) -> Future[None] | None:
        runs = context.submitting_runs
        return None if runs is None else runs.submit_batch(*read(request))

    handlers.add(route, log)
    handlers.add_quick(route, submit, lambda _: Empty())


def delete_tag(context: Context, request: wire.DeleteRunTag) -> Empty:
    context.store.runs.delete_tag(request.run_id, request.key)
    return Empty()


def log_model(context: Context, request: wire.LogModel) -> Empty:
    """MLflow's clients before 3.0 record a run's models in a tag, as a JSON list with the newest last."""
    model = decode_entry(request.model_json, "model_json")
    missing = [name for name in _MODEL_FIELDS if name not in model]
    if missing:
        raise InvalidParameter(f"Model json is missing mandatory fields: {missing}")
    context.store.runs.add_to_tag(request.run_id, TAG_LOGGED_MODELS, model)
    return Empty()


def add_to_tag(context: Context, request: AddToRunTag) -> Empty:
    context.store.runs.add_to_tag(request.run_id, request.key, decode_entry(request.entry_json))
    return Empty()


def log_inputs(context: Context, request: inputs.LogInputs) -> Empty:
    datasets = [inputs.decode_input(one) for one in request.datasets]
    models = [ModelInput(model_id=one.model_id) for one in request.models]
    context.store.runs.log_inputs(request.run_id, datasets, models)
    return Empty()


def heartbeat(context: Context, request: wire.Heartbeat) -> Empty:
    context.store.runs.heartbeat(request.run_id, request.seconds)
    return Empty()


def log_outputs(context: Context, request: wire.LogOutputs) -> Empty:
    context.store.runs.log_outputs(request.run_id, wire.decode_outputs(request.models))
    return Empty()
