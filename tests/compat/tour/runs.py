"""Runs: create, end, update, params, tags, batches, delete, restore."""

from __future__ import annotations

import re

from basis import ACTIVE, ALL, DELETED, INVALID, MISSING, NO_RUN, Tour, equal, now, pages, refused
from mlflow.entities import Metric, Param, RunTag


def create_and_get(tour: Tour) -> None:
    client, experiment_id = tour.client, tour.experiment()
    made = client.create_run(experiment_id, start_time=1234567890123, tags={"a": "b", "n": "1"})
    for run in (made, client.get_run(made.info.run_id)):
        info = run.info
        assert re.fullmatch("[0-9a-f]{32}", info.run_id)
        equal([info.experiment_id, info.status, info.lifecycle_stage], [experiment_id, "RUNNING", "active"])
        equal(info.start_time, 1234567890123)
        assert not info.end_time
        assert info.run_id in info.artifact_uri
        equal([run.data.tags["a"], run.data.tags["n"]], ["b", "1"])
        equal([dict(run.data.params), dict(run.data.metrics)], [{}, {}])
    before = now()
    assert before <= client.create_run(experiment_id).info.start_time <= now()


def names(tour: Tour) -> None:
    if tour.version < (1, 30):
        return
    client, experiment_id = tour.client, tour.experiment()
    run = client.create_run(experiment_id, run_name="Ünï")
    equal([run.info.run_name, run.data.tags["mlflow.runName"]], ["Ünï", "Ünï"])
    nameless = client.create_run(experiment_id)
    assert nameless.info.run_name, "no name of the server's choice"
    equal(nameless.data.tags["mlflow.runName"], nameless.info.run_name)
    client.set_tag(run.info.run_id, "mlflow.runName", "by tag")
    equal(client.get_run(run.info.run_id).info.run_name, "by tag")


def end(tour: Tour) -> None:
    client, experiment_id = tour.client, tour.experiment()
    first, second, third, fourth = (tour.run(experiment_id) for _ in range(4))
    before = now()
    client.set_terminated(first)
    client.set_terminated(second, "FAILED", 1700000000000)
    client.set_terminated(third, status="KILLED")
    client.set_terminated(fourth, status="SCHEDULED")
    ended = [client.get_run(run_id).info for run_id in (first, second, third, fourth)]
    equal([info.status for info in ended], ["FINISHED", "FAILED", "KILLED", "SCHEDULED"])
    assert before <= ended[0].end_time <= now()
    equal(ended[1].end_time, 1700000000000)


def update(tour: Tour) -> None:
    if not tour.has("update_run"):
        return
    client, run_id = tour.client, tour.run()
    client.update_run(run_id, status="FAILED", name="new")
    run = client.get_run(run_id)
    equal([run.info.status, run.info.run_name, run.data.tags["mlflow.runName"]], ["FAILED", "new", "new"])
    client.update_run(run_id, name="newer")
    run = client.get_run(run_id)
    equal([run.info.status, run.info.run_name], ["FAILED", "newer"])
    client.update_run(run_id, status="RUNNING")
    equal(client.get_run(run_id).info.status, "RUNNING")
    refused(MISSING, client.update_run, NO_RUN, name="new")


def params(tour: Tour) -> None:
    client, run_id = tour.client, tour.run()
    client.log_param(run_id, "alpha", 0.5)
    client.log_param(run_id, "a/b c.d-e_f", "ü 'quoted' \"twice\"")
    client.log_param(run_id, "none", None)
    client.log_param(run_id, "long", "x" * 250)
    client.log_param(run_id, "alpha", 0.5)
    expected = {"alpha": "0.5", "a/b c.d-e_f": "ü 'quoted' \"twice\"", "none": "None", "long": "x" * 250}
    equal(dict(client.get_run(run_id).data.params), expected)
    refused(INVALID, client.log_param, run_id, "alpha", 0.7)
    refused(INVALID, client.log_param, run_id, "a!", 1)
    refused(INVALID, client.log_param, run_id, "../a", 1)
    refused(INVALID, client.log_param, run_id, "k" * 251, 1)
    equal(dict(client.get_run(run_id).data.params), expected)


def tags(tour: Tour) -> None:
    client, run_id = tour.client, tour.run()
    client.set_tag(run_id, "t", "v")
    client.set_tag(run_id, "t", "w\nü")
    client.set_tag(run_id, "n", 1)
    client.set_tag(run_id, "gone", "soon")
    client.delete_tag(run_id, "gone")
    seen = client.get_run(run_id).data.tags
    equal({key: value for key, value in seen.items() if not key.startswith("mlflow.")}, {"t": "w\nü", "n": "1"})
    refused(MISSING, client.delete_tag, run_id, "gone")
    refused(INVALID, client.set_tag, run_id, "k" * 251, "v")


def batch(tour: Tour) -> None:
    client, run_id = tour.client, tour.run()
    client.log_batch(
        run_id,
        metrics=[Metric("loss", 1 / 2**step, 1000 + step, step) for step in range(500)] + [Metric("acc", 1.0, 5, 0)],
        params=[Param(f"p{number}", str(number)) for number in range(90)],
        tags=[RunTag(f"t{number}", "v") for number in range(50)],
    )
    run = client.get_run(run_id)
    equal(dict(run.data.metrics), {"loss": 1 / 2**499, "acc": 1.0})
    equal(dict(run.data.params), {f"p{number}": str(number) for number in range(90)})
    equal(len([key for key in run.data.tags if not key.startswith("mlflow.")]), 50)
    client.log_batch(run_id, params=[Param("p1", "1")], tags=[RunTag("t1", "new")])
    equal(client.get_run(run_id).data.tags["t1"], "new")
    client.log_batch(run_id)
    refused(INVALID, client.log_batch, run_id, params=[Param("p1", "2")])
    refused(INVALID, client.log_batch, run_id, params=[Param("twice", "1"), Param("twice", "2")])
    refused(INVALID, client.log_batch, run_id, metrics=[Metric("bad!", 1.0, 1, 1)])
    refused(MISSING, client.log_batch, NO_RUN, tags=[RunTag("t", "v")])
    assert "twice" not in client.get_run(run_id).data.params


def delete_and_restore(tour: Tour) -> None:
    client, experiment_id = tour.client, tour.experiment()
    run_id = tour.run(experiment_id)
    client.set_terminated(run_id)
    client.delete_run(run_id)
    equal(client.get_run(run_id).info.lifecycle_stage, "deleted")
    equal(len(client.search_runs([experiment_id])), 0)
    refused(INVALID, client.log_metric, run_id, "m", 1)
    refused(INVALID, client.log_param, run_id, "p", 1)
    refused(INVALID, client.set_tag, run_id, "t", 1)
    refused(INVALID, client.set_terminated, run_id)
    client.restore_run(run_id)
    equal(client.get_run(run_id).info.lifecycle_stage, "active")
    client.log_metric(run_id, "m", 1)
    equal(len(client.search_runs([experiment_id])), 1)


def refusals(tour: Tour) -> None:
    client = tour.client
    refused(MISSING, client.get_run, NO_RUN)
    refused(MISSING, client.delete_run, NO_RUN)
    refused(MISSING, client.restore_run, NO_RUN)
    refused(MISSING, client.set_terminated, NO_RUN)
    refused(MISSING, client.log_metric, NO_RUN, "m", 1.0)
    refused(MISSING, client.log_param, NO_RUN, "p", 1)
    refused(MISSING, client.set_tag, NO_RUN, "t", 1)
    refused(MISSING, client.delete_tag, NO_RUN, "t")
    refused(MISSING, client.list_artifacts, NO_RUN)


def parent(tour: Tour) -> None:
    if not tour.has("get_parent_run"):
        return
    client, experiment_id = tour.client, tour.experiment()
    above = tour.run(experiment_id)
    below = client.create_run(experiment_id, tags={"mlflow.parentRunId": above}).info.run_id
    equal(client.get_parent_run(below).info.run_id, above)
    equal(client.get_parent_run(above), None)


def list_infos(tour: Tour) -> None:
    """The listing of 1.x."""
    if not tour.has("list_run_infos"):
        return
    client, experiment_id = tour.client, tour.experiment()
    kept, gone = tour.run(experiment_id), tour.run(experiment_id)
    client.delete_run(gone)
    for view, expected in ((ACTIVE, {kept}), (DELETED, {gone}), (ALL, {kept, gone})):
        equal({info.run_id for info in client.list_run_infos(experiment_id, view)}, expected)
    if tour.version >= (1, 20):
        paged = pages(client.list_run_infos, 1, experiment_id=experiment_id, run_view_type=ALL)
        equal({info.run_id for page in paged for info in page}, {kept, gone})


STEPS = (
    create_and_get,
    names,
    end,
    update,
    params,
    tags,
    batch,
    delete_and_restore,
    refusals,
    parent,
    list_infos,
)
