"""Each route that reads sends the database as many statements for many entities as for few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from mlyard.domain.inputs import Dataset, DatasetInput
from mlyard.domain.limits import MAX_DATASET_EXPERIMENTS
from mlyard.domain.logged_models import NewLoggedModel
from mlyard.domain.metrics import Metric
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.runs import ModelInput, ModelOutput, NewRun, Param, RunBatch, RunTag
from mlyard.ports.store import Store
from mlyard.server.endpoints import all_handlers
from mlyard.server.endpoints.context import Context, Stream
from mlyard.services.artifact_access import ArtifactAccess
from mlyard.stores.sql.store import open_sql_store
from mlyard.wire import routes
from mlyard.wire.message import decode_fields
from mlyard.wire.routes import ROUTES, Route
from mlyard.wire.series import ARROW

FEW, MANY = 2, 40
LONG = 20_500
"""More points than are read whole for a sample."""


@dataclass(frozen=True)
class Filled:
    """A store with a number of entities of each kind, and the statements that it has sent."""

    context: Context
    statements: list[str]
    experiments: Sequence[str]
    runs: Sequence[str]
    models: Sequence[str]

    def count(self, route: Route[Any, Any], fields: dict[str, Any]) -> int:
        """The number of statements for the second of two equal requests, without the look at the keys once a second."""
        for _ in range(2):
            self.statements.clear()
            answer = all_handlers().of(route)(self.context, decode_fields(fields, route.request))
            if isinstance(answer, Stream):
                assert b"".join(answer.chunks)
        return sum("keys.mark \n" not in statement for statement in self.statements)


def fill(store: Store, number: int, experiments: list[str], runs: list[str], models: list[str]) -> None:
    store.registered_models.create("m")
    for n in range(number):
        experiments.append(store.experiments.create(f"e{n}", tags={f"t{n}": "x", "t": "x"}))
        run_id = store.runs.create(NewRun(experiment_id="0", run_name=f"r{n}")).info.run_id
        runs.append(run_id)
        model = store.logged_models.create(
            NewLoggedModel(experiment_id="0", name=f"l{n}", source_run_id=run_id, params={"p": "1"}, tags={"t": "x"})
        )
        models.append(model.model_id)
        dataset = Dataset(name=f"d{n}", digest=str(n), source_type="local", source="x")
        store.runs.log_inputs(run_id, [DatasetInput(dataset=dataset)], [ModelInput(model_id=model.model_id)])
        store.runs.log_outputs(run_id, [ModelOutput(model_id=model.model_id)])
        points = tuple(Metric(key="m", value=s, timestamp=s, step=s, model_id=models[0]) for s in range(10))
        store.runs.log_batch(run_id, RunBatch(metrics=points, params=(Param("p", "1"),), tags=(RunTag("t", "x"),)))
        store.registered_models.create(f"m{n}", tags={"t": "x"})
        store.registered_models.set_tag("m", f"t{n}", "x")
        store.model_versions.create(NewModelVersion(name="m", source="x", run_id=run_id, tags={"t": "x"}))
        store.model_versions.create(NewModelVersion(name=f"m{n}", source="x", run_id=run_id, tags={"t": "x"}))
        store.registered_models.set_alias("m", f"a{n}", str(n + 1))
    # The first run has many keys, and two runs have long histories.
    keys = tuple(Metric(key=f"m{n}", value=1, timestamp=1) for n in range(number))
    params = tuple(Param(f"p{n}", "1") for n in range(number))
    tags = tuple(RunTag(f"t{n}", "1") for n in range(number))
    store.runs.log_batch(runs[0], RunBatch(metrics=keys, params=params, tags=tags))
    for run_id in runs[: number // 20 + 1]:
        for start in range(0, LONG, 1000):
            points = tuple(Metric(key="long", value=1, timestamp=s, step=s) for s in range(start, start + 1000))
            store.runs.log_batch(run_id, RunBatch(metrics=points))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Filled, Filled]]:
    """A store with few entities and one with many."""
    opened = [_filled(tmp_path_factory.mktemp("store"), number) for number in (FEW, MANY)]
    yield opened[0], opened[1]
    for filled in opened:
        filled.context.store.close()


def _filled(folder: Path, number: int) -> Filled:
    statements: list[str] = []

    def watch(connection: Any, _: Any) -> None:
        connection.set_trace_callback(statements.append)

    event.listen(Engine, "connect", watch)
    try:
        store = open_sql_store(f"sqlite:///{folder / 'mlyard.db'}", str(folder / "artifacts"))
        filled = Filled(Context(store, ArtifactAccess(str(folder / "artifacts"))), statements, [], [], [])
        fill(store, number, filled.experiments, filled.runs, filled.models)  # type: ignore[arg-type]  # filled here
    finally:
        event.remove(Engine, "connect", watch)
    return filled


def fixed(**fields: Any) -> Callable[[Filled], dict[str, Any]]:
    return lambda _: fields


def of_run(**fields: Any) -> Callable[[Filled], dict[str, Any]]:
    return lambda filled: {"run_id": filled.runs[0], **fields}


def of_runs(**fields: Any) -> Callable[[Filled], dict[str, Any]]:
    return lambda filled: {"run_ids": filled.runs, **fields}


def of_model(filled: Filled) -> dict[str, Any]:
    return {"model_id": filled.models[0]}


Case = tuple[Route[Any, Any], Callable[[Filled], dict[str, Any]]]
CASES: list[Case] = [
    (routes.GET_EXPERIMENT, fixed(experiment_id="0")),
    (routes.GET_EXPERIMENT_BY_NAME, fixed(experiment_name="e0")),
    (routes.SEARCH_EXPERIMENTS, fixed(filter="tags.t = 'x'", order_by=["name"])),
    (routes.LIST_EXPERIMENTS, fixed()),
    (routes.GET_RUN, of_run()),
    (routes.SEARCH_RUNS, fixed(experiment_ids=["0"], filter="params.p = '1'", order_by=["metrics.m", "tags.t"])),
    (routes.SEARCH_RUNS, lambda filled: {"experiment_ids": ["0", *filled.experiments]}),
    (routes.SEARCH_DATASETS, lambda filled: {"experiment_ids": ["0", *filled.experiments][:MAX_DATASET_EXPERIMENTS]}),
    (routes.GET_HISTORY, of_run(metric_key="m")),
    (routes.GET_HISTORY, of_run(metric_key="m", max_results=5)),
    (routes.GET_HISTORY_BULK, lambda filled: {"run_id": filled.runs, "metric_key": "m"}),
    (routes.GET_HISTORY_BULK, lambda filled: {"run_id": filled.runs, "metric_key": "m", "max_results": 15}),
    (routes.GET_HISTORY_INTERVAL, lambda filled: {"run_ids": filled.runs, "metric_key": "m"}),
    (routes.GET_HISTORY_INTERVAL, lambda filled: {"run_ids": filled.runs, "metric_key": "long", "max_results": 20}),
    (routes.GET_CHARTS, of_runs(keys=["m", "long"])),
    (routes.GET_CHARTS, of_runs(keys=[f"m{n}" for n in range(MANY)])),
    (routes.GET_FIGURES, of_runs()),
    (routes.GET_SERIES, of_runs()),
    (routes.GET_SERIES, of_runs(format=ARROW)),
    (routes.LIST_ARTIFACTS, of_run()),
    (routes.SEARCH_LOGGED_MODELS, fixed(experiment_ids=["0"], filter="tags.t = 'x'")),
    (routes.SEARCH_LOGGED_MODELS, fixed(experiment_ids=["0"], order_by=[{"field_name": "metrics.m"}])),
    (routes.GET_LOGGED_MODEL, of_model),
    (routes.LIST_LOGGED_MODEL_ARTIFACTS, of_model),
    (routes.GET_REGISTERED_MODEL, fixed(name="m")),
    (routes.SEARCH_REGISTERED_MODELS, fixed(order_by=["name"])),
    (routes.LIST_REGISTERED_MODELS, fixed()),
    (routes.GET_LATEST_VERSIONS, fixed(name="m")),
    (routes.GET_BY_ALIAS, fixed(name="m", alias="a0")),
    (routes.GET_MODEL_VERSION, fixed(name="m", version="1")),
    (routes.SEARCH_MODEL_VERSIONS, fixed(filter="name = 'm'", order_by=["version_number"])),
    (routes.SEARCH_MODEL_VERSIONS, fixed()),
    (routes.GET_DOWNLOAD_URI, fixed(name="m", version="1")),
]
# They only sign: what they read of the database is read by LIST_ARTIFACTS too.
SIGNING = [routes.PRESIGN_UPLOAD, routes.PRESIGN_DOWNLOAD]


@pytest.mark.parametrize(("route", "fields"), CASES, ids=lambda value: getattr(value, "path", ""))
def test_many_entities_take_as_many_statements_as_few(
    both: tuple[Filled, Filled], route: Route[Any, Any], fields: Callable[[Filled], dict[str, Any]]
) -> None:
    few, many = (filled.count(route, fields(filled)) for filled in both)
    assert few > 0
    assert many <= few, "\n".join(both[1].statements)


def test_every_route_that_reads_is_in_the_table() -> None:
    reads = ("/search", "/metrics/")
    reading = {r.path for r in ROUTES if "GET" in r.methods or any(part in r.path for part in reads)}
    assert reading == {route.path for route, _ in CASES}
    assert not reading & {route.path for route in SIGNING}
