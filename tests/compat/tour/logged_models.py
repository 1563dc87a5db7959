"""Logged models: create, finalize, tags, params, metrics, artifacts, search, inputs and outputs, versions, delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
from basis import INVALID, MISSING, NO_EXPERIMENT, NO_RUN, Tour, equal, pages, refused
from inputs import dataset_input

NO_MODEL = "m-0123456789abcdef0123456789abcdef"


def only_where_known(step: Any) -> Any:
    """The step, for clients that have logged models."""

    def when_known(tour: Tour) -> None:
        if tour.has("create_logged_model"):
            step(tour)

    when_known.__name__ = step.__name__
    return when_known


@only_where_known
def create_and_get(tour: Tour) -> None:
    client, experiment_id = tour.client, tour.experiment()
    run_id = tour.run(experiment_id)
    made = client.create_logged_model(experiment_id, "Modell", run_id, {"t": "v"}, {"p": "1"}, "agent")
    for model in (made, client.get_logged_model(made.model_id)):
        assert model.model_id.startswith("m-")
        equal([model.experiment_id, model.name, model.source_run_id], [experiment_id, "Modell", run_id])
        equal([model.model_type, str(model.status)], ["agent", "PENDING"])
        equal([dict(model.tags)["t"], dict(model.params)], ["v", {"p": "1"}])
        assert model.artifact_location
        assert 1_500_000_000_000 < model.creation_timestamp <= model.last_updated_timestamp
    nameless = client.create_logged_model(experiment_id)
    assert nameless.name, "no name of the server's choice"


@only_where_known
def finalize(tour: Tour) -> None:
    client, experiment_id = tour.client, tour.experiment()
    for status in ("READY", "FAILED"):
        model_id = client.create_logged_model(experiment_id).model_id
        equal(str(client.finalize_logged_model(model_id, status).status), status)
        equal(str(client.get_logged_model(model_id).status), status)


@only_where_known
def tags_and_params(tour: Tour) -> None:
    client = tour.client
    model_id = client.create_logged_model(tour.experiment(), tags={"t": "v"}).model_id
    client.set_logged_model_tags(model_id, {"t": "w", "n": 1, "a b": "ü"})
    seen = client.get_logged_model(model_id).tags
    equal({key: seen[key] for key in ("t", "n", "a b")}, {"t": "w", "n": "1", "a b": "ü"})
    client.delete_logged_model_tag(model_id, "t")
    assert "t" not in client.get_logged_model(model_id).tags
    refused(MISSING, client.delete_logged_model_tag, model_id, "t")
    client.log_model_params(model_id, {"p": "1", "q": "x"})
    equal(dict(client.get_logged_model(model_id).params), {"p": "1", "q": "x"})


@only_where_known
def refusals(tour: Tour) -> None:
    client = tour.client
    refused(MISSING, client.get_logged_model, NO_MODEL)
    refused(MISSING, client.finalize_logged_model, NO_MODEL, "READY")
    refused(MISSING + " " + INVALID, client.set_logged_model_tags, NO_MODEL, {"t": "v"})
    refused(MISSING, client.delete_logged_model_tag, NO_MODEL, "t")
    refused(MISSING, client.delete_logged_model, NO_MODEL)
    refused(MISSING, client.create_logged_model, NO_EXPERIMENT)
    refused(INVALID, client.create_logged_model, tour.experiment(), "a/b")


@only_where_known
def delete(tour: Tour) -> None:
    client, experiment_id = tour.client, tour.experiment()
    model_id = client.create_logged_model(experiment_id).model_id
    client.delete_logged_model(model_id)
    refused(MISSING, client.get_logged_model, model_id)
    equal(list(client.search_logged_models([experiment_id])), [])


@only_where_known
def artifacts(tour: Tour) -> None:
    client = tour.client
    model = client.create_logged_model(tour.experiment())
    client.log_model_artifact(model.model_id, tour.file("one.txt", "one"))
    tour.file("more/two.txt", "two")
    tour.file("more/sub/three.txt", "three")
    client.log_model_artifacts(model.model_id, str(tour.folder / "more"))
    listed = sorted((f.path, f.is_dir, f.file_size) for f in client.list_logged_model_artifacts(model.model_id))
    equal(listed, [("one.txt", False, 3), ("sub", True, None), ("two.txt", False, 3)])
    equal([f.path for f in client.list_logged_model_artifacts(model.model_id, "sub")], ["sub/three.txt"])
    client.finalize_logged_model(model.model_id, "READY")
    whole = Path(mlflow.artifacts.download_artifacts(f"models:/{model.model_id}"))
    equal((whole / "sub/three.txt").read_text(), "three")


@only_where_known
def metrics(tour: Tour) -> None:
    client, experiment_id = tour.client, tour.experiment()
    run_id = tour.run(experiment_id)
    model_id = client.create_logged_model(experiment_id, "measured", run_id).model_id
    client.log_inputs(run_id, [dataset_input("Sales", "d1")])
    client.log_metric(run_id, "acc", 0.5, 1000, 1, model_id=model_id)
    client.log_metric(run_id, "loss", 2.0, 1000, 0, model_id=model_id, dataset_name="Sales", dataset_digest="d1")
    client.log_metric(run_id, "acc", 0.75, 1001, 2, model_id=model_id)
    seen = {metric.key: metric for metric in client.get_logged_model(model_id).metrics}
    equal({key: metric.value for key, metric in seen.items() if key == "loss"}, {"loss": 2.0})
    equal([seen["loss"].dataset_name, seen["loss"].dataset_digest, seen["loss"].run_id], ["Sales", "d1", run_id])
    equal(max(m.value for m in client.get_logged_model(model_id).metrics if m.key == "acc"), 0.75)
    equal(dict(client.get_run(run_id).data.metrics), {"acc": 0.75, "loss": 2.0})
    (found,) = client.search_logged_models([experiment_id], "metrics.acc > 0.7")
    equal(found.model_id, model_id)
    equal(list(client.search_logged_models([experiment_id], "metrics.acc > 0.9")), [])
    query = {"datasets": [{"dataset_name": "Sales", "dataset_digest": "d1"}]}
    equal(len(client.search_logged_models([experiment_id], "metrics.loss > 1", **query)), 1)
    equal(len(client.search_logged_models([experiment_id], "metrics.acc > 0", **query)), 0)


def named(found: Any) -> list[str]:
    return [model.name for model in found]


@only_where_known
def search(tour: Tour) -> None:
    client, experiment_id = tour.client, tour.experiment()
    run_id = tour.run(experiment_id)
    ids = {}
    for number, name in enumerate("abcde"):
        run = run_id if number % 2 else None
        model = client.create_logged_model(experiment_id, name, run, {"side": f"s{number % 2}"}, {"p": str(number)})
        ids[name] = model.model_id
        client.log_metric(run_id, "m", float(number), model_id=model.model_id)

    def found(text: str) -> list[str]:
        return sorted(named(client.search_logged_models([experiment_id], text)))

    equal(named(client.search_logged_models([experiment_id])), list("edcba"))
    equal(found("name = 'b'"), ["b"])
    equal(found("name != 'b'"), list("acde"))
    equal(found("attributes.name LIKE '%d%'"), ["d"])
    equal(found(f"source_run_id = '{run_id}'"), ["b", "d"])
    equal(found(f"model_id = '{ids['e']}'"), ["e"])
    equal(found("params.p = '3'"), ["d"])
    equal(found("tags.side = 's0' AND metrics.m >= 2"), ["c", "e"])
    equal(found("creation_timestamp > 0"), list("abcde"))
    equal(found("name IN ('a', 'e')"), ["a", "e"])
    ordered = client.search_logged_models([experiment_id], order_by=[{"field_name": "name", "ascending": True}])
    equal(named(ordered), list("abcde"))
    ordered = client.search_logged_models([experiment_id], order_by=[{"field_name": "metrics.m", "ascending": False}])
    equal(named(ordered), list("edcba"))
    query = {"experiment_ids": [experiment_id], "order_by": [{"field_name": "name"}]}
    equal([named(page) for page in pages(client.search_logged_models, 2, **query)], [["a", "b"], ["c", "d"], ["e"]])
    for bad in ("name", "nothing = 'a'", "name > 'a'", "other.a = 'b'", "params.p > 'a'", "name = 'a"):
        refused(INVALID, client.search_logged_models, [experiment_id], bad)
    refused(INVALID, client.search_logged_models, [experiment_id], order_by=[{"field_name": "nothing"}])


@only_where_known
def inputs_and_outputs(tour: Tour) -> None:
    from mlflow.entities import LoggedModelInput, LoggedModelOutput

    client, experiment_id = tour.client, tour.experiment()
    run_id = tour.run(experiment_id)
    used, made = (client.create_logged_model(experiment_id).model_id for _ in range(2))
    client.log_inputs(run_id, models=[LoggedModelInput(used)])
    client.log_outputs(run_id, [LoggedModelOutput(made, 3)])
    run = client.get_run(run_id)
    equal([item.model_id for item in run.inputs.model_inputs], [used])
    equal([(item.model_id, item.step) for item in run.outputs.model_outputs], [(made, 3)])
    refused(MISSING, client.log_outputs, NO_RUN, [LoggedModelOutput(made, 3)])


@only_where_known
def registered(tour: Tour) -> None:
    client, experiment_id, name = tour.client, tour.experiment(), tour.name()
    run_id = tour.run(experiment_id)
    model = client.create_logged_model(experiment_id, "model", run_id, params={"p": "1"})
    client.log_model_artifact(model.model_id, tour.file("MLmodel", "flavors: {}\n"))
    client.finalize_logged_model(model.model_id, "READY")
    client.create_registered_model(name)
    client.create_model_version(name, model.artifact_location, run_id, model_id=model.model_id)
    client.create_model_version(name, f"models:/{model.model_id}", model_id=model.model_id)
    for number in ("1", "2"):
        version = client.get_model_version(name, number)
        equal(version.run_id, run_id)
        # MLflow's SQL store forgets the model.
        assert version.model_id in (None, model.model_id)
    place = client.get_model_version_download_uri(name, "1")
    equal(place.rstrip("/"), model.artifact_location.rstrip("/"))


@only_where_known
def fluently(tour: Tour) -> None:
    mlflow.set_experiment(tour.name())
    with mlflow.start_run() as run:
        model = mlflow.initialize_logged_model(name="fluent", params={"a": "b"}, model_type="agent")
        mlflow.log_model_params({"c": "d"}, model_id=model.model_id)
        mlflow.log_metric("m", 1.5, model_id=model.model_id)
        mlflow.set_logged_model_tags(model.model_id, {"t": "v", "u": "w"})
        mlflow.delete_logged_model_tag(model.model_id, "u")
        mlflow.finalize_logged_model(model.model_id, "READY")
    seen = mlflow.get_logged_model(model.model_id)
    equal([seen.source_run_id, dict(seen.params)], [run.info.run_id, {"a": "b", "c": "d"}])
    equal([str(seen.status), seen.tags["t"], "u" in seen.tags], ["READY", "v", False])
    equal([(metric.key, metric.value) for metric in seen.metrics], [("m", 1.5)])
    found = mlflow.search_logged_models([run.info.experiment_id], output_format="list")
    equal([item.model_id for item in found], [model.model_id])
    frame = mlflow.search_logged_models([run.info.experiment_id])
    equal(list(frame["model_id"]), [model.model_id])
    external = mlflow.create_external_model(name="external")
    equal(str(external.status), "READY")


STEPS = (
    create_and_get,
    finalize,
    tags_and_params,
    refusals,
    delete,
    artifacts,
    metrics,
    search,
    inputs_and_outputs,
    registered,
    fluently,
)
