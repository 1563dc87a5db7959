"""The fluent functions: mlflow.start_run() and what works on the active run."""

from __future__ import annotations

from pathlib import Path

import mlflow
from basis import Tour, equal
from mlflow.exceptions import MlflowException


def own_experiment(tour: Tour) -> str:
    """A new experiment, which is the active one."""
    experiment_id = tour.experiment()
    mlflow.set_experiment(tour.client.get_experiment(experiment_id).name)
    return experiment_id


def one_run(tour: Tour) -> None:
    experiment_id = own_experiment(tour)
    equal(mlflow.active_run(), None)
    with mlflow.start_run(run_name="named") as run:
        equal(mlflow.active_run().info.run_id, run.info.run_id)
        mlflow.log_param("alpha", 0.5)
        mlflow.log_params({"a": 1, "b": "x"})
        mlflow.log_metric("rmse", 1.5)
        mlflow.log_metrics({"mae": 0.25, "r2": 2}, step=3)
        mlflow.set_tag("t", "v")
        mlflow.set_tags({"u": 1, "gone": "soon"})
        mlflow.delete_tag("gone")
        mlflow.log_artifact(tour.file())
        mlflow.log_artifacts(str(Path(tour.file("in/b.txt")).parent), "sub")
        assert run.info.run_id in mlflow.get_artifact_uri("a.txt")
    equal(mlflow.active_run(), None)
    seen = tour.client.get_run(run.info.run_id)
    equal([seen.info.experiment_id, seen.info.status], [experiment_id, "FINISHED"])
    equal(dict(seen.data.params), {"alpha": "0.5", "a": "1", "b": "x"})
    equal(dict(seen.data.metrics), {"rmse": 1.5, "mae": 0.25, "r2": 2.0})
    equal([seen.data.tags[key] for key in ("t", "u", "mlflow.runName")], ["v", "1", "named"])
    assert "gone" not in seen.data.tags
    assert seen.data.tags["mlflow.user"]
    assert seen.data.tags["mlflow.source.name"]
    equal(sorted(file.path for file in tour.client.list_artifacts(run.info.run_id)), ["a.txt", "sub"])
    equal(tour.client.get_metric_history(run.info.run_id, "mae")[0].step, 3)


def starts() -> bool:
    """Whether one more run can start."""
    try:
        mlflow.start_run()
    except Exception:  # noqa: BLE001 - each version has its own kind
        return False
    return True


def ends(tour: Tour) -> None:
    own_experiment(tour)
    run_ids = []
    mlflow.start_run()
    run_ids.append(mlflow.active_run().info.run_id)
    mlflow.end_run("KILLED")
    try:
        with mlflow.start_run() as run:
            run_ids.append(run.info.run_id)
            _ = {}["on purpose"]
    except KeyError:
        pass
    with mlflow.start_run() as run:
        run_ids.append(run.info.run_id)
        assert not starts(), "a second run started beside the first"
    equal([tour.client.get_run(run_id).info.status for run_id in run_ids], ["KILLED", "FAILED", "FINISHED"])


def nested_and_resumed(tour: Tour) -> None:
    own_experiment(tour)
    with mlflow.start_run() as above:
        mlflow.log_metric("m", 1.0)
        with mlflow.start_run(nested=True) as below:
            mlflow.log_metric("n", 2.0)
    equal(tour.client.get_run(below.info.run_id).data.tags["mlflow.parentRunId"], above.info.run_id)
    with mlflow.start_run(run_id=above.info.run_id) as again:
        equal(again.info.run_id, above.info.run_id)
        if tour.version >= (1, 20):
            equal(tour.client.get_run(above.info.run_id).info.status, "RUNNING")
        mlflow.log_metric("more", 3.0)
    seen = tour.client.get_run(above.info.run_id)
    equal([seen.info.status, dict(seen.data.metrics)], ["FINISHED", {"m": 1.0, "more": 3.0}])


def search_frames(tour: Tour) -> None:
    experiment_id = own_experiment(tour)
    run_ids = []
    for number in range(3):
        with mlflow.start_run() as run:
            mlflow.log_metric("m", number)
            mlflow.log_param("p", number)
            mlflow.set_tag("t", f"t{number}")
        run_ids.append(run.info.run_id)
    frame = mlflow.search_runs([experiment_id], "metrics.m > 0 AND params.p != '7'", order_by=["metrics.m DESC"])
    equal(list(frame["run_id"]), [run_ids[2], run_ids[1]])
    equal([list(frame["metrics.m"]), list(frame["params.p"])], [[2, 1], ["2", "1"]])
    equal(list(frame["tags.t"]), ["t2", "t1"])
    equal([set(frame["status"]), set(frame["experiment_id"])], [{"FINISHED"}, {experiment_id}])
    assert {"artifact_uri", "start_time", "end_time"} <= set(frame.columns)
    equal(len(mlflow.search_runs([experiment_id], max_results=1)), 1)
    equal(len(mlflow.search_runs([experiment_id], "metrics.m > 10")), 0)
    if tour.version >= (1, 30):
        listed = mlflow.search_runs([experiment_id], output_format="list", order_by=["metrics.m"])
        equal([run.info.run_id for run in listed], run_ids)
        name = tour.client.get_experiment(experiment_id).name
        equal(len(mlflow.search_runs(experiment_names=[name])), 3)


def experiments(tour: Tour) -> None:
    name = tour.name()
    made = mlflow.create_experiment(name)
    equal(mlflow.get_experiment(made).name, name)
    equal(mlflow.get_experiment_by_name(name).experiment_id, made)
    equal(mlflow.get_experiment_by_name(tour.name()), None)
    fresh = tour.name()
    mlflow.set_experiment(fresh)
    chosen = mlflow.get_experiment_by_name(fresh).experiment_id
    with mlflow.start_run() as run:
        equal(run.info.experiment_id, chosen)
    equal(mlflow.get_run(run.info.run_id).info.run_id, run.info.run_id)
    mlflow.delete_run(run.info.run_id)
    equal(mlflow.get_run(run.info.run_id).info.lifecycle_stage, "deleted")
    mlflow.delete_experiment(made)
    equal(mlflow.get_experiment(made).lifecycle_stage, "deleted")
    try:
        mlflow.set_experiment(name)
    except MlflowException:
        return
    raise AssertionError("a deleted experiment became the active one")


def later_experiments(tour: Tour) -> None:
    if tour.version < (1, 30):
        return
    name = tour.name()
    equal(mlflow.set_experiment(name).name, name)
    mlflow.set_experiment_tag("one", 1)
    mlflow.set_experiment_tags({"two": "2", "three": "3"})
    seen = mlflow.get_experiment_by_name(name)
    equal({key: seen.tags[key] for key in ("one", "two", "three")}, {"one": "1", "two": "2", "three": "3"})
    equal(mlflow.set_experiment(experiment_id=seen.experiment_id).name, name)
    equal([found.name for found in mlflow.search_experiments(filter_string=f"name = '{name}'")], [name])
    with mlflow.start_run(tags={"given": "tag"}, description="what it is") as run:
        mlflow.log_text("text", "a.txt")
        mlflow.log_dict({"a": 1}, "a.json")
    seen = mlflow.last_active_run()
    equal([seen.info.run_id, seen.data.tags["given"]], [run.info.run_id, "tag"])
    equal(seen.data.tags["mlflow.note.content"], "what it is")
    if hasattr(mlflow, "restore_run"):
        mlflow.delete_run(run.info.run_id)
        mlflow.restore_run(run.info.run_id)
        mlflow.delete_experiment(run.info.experiment_id)
        mlflow.restore_experiment(run.info.experiment_id)
        equal(mlflow.get_run(run.info.run_id).info.lifecycle_stage, "active")


def in_the_background(tour: Tour) -> None:
    """Logging that does not wait for the server."""
    if tour.version < (2, 10):
        return
    own_experiment(tour)
    with mlflow.start_run() as run:
        for step in range(50):
            mlflow.log_metric("m", step, step=step, synchronous=False)
        mlflow.log_params({"a": 1, "b": 2}, synchronous=False)
        mlflow.set_tag("t", "v", synchronous=False)
        mlflow.log_metrics({"x": 1.0}, step=1, synchronous=False).wait()
        mlflow.flush_async_logging()
    seen = tour.client.get_run(run.info.run_id)
    equal([dict(seen.data.metrics), dict(seen.data.params)], [{"m": 49.0, "x": 1.0}, {"a": "1", "b": "2"}])
    equal(seen.data.tags["t"], "v")
    equal([point.step for point in tour.client.get_metric_history(run.info.run_id, "m")], list(range(50)))


def where(tour: Tour) -> None:
    equal(mlflow.get_tracking_uri().rstrip("/"), tour.url)
    if tour.has("tracking_uri"):
        equal(tour.client.tracking_uri.rstrip("/"), tour.url)


STEPS = (
    one_run,
    ends,
    nested_and_resumed,
    search_frames,
    experiments,
    later_experiments,
    in_the_background,
    where,
)
