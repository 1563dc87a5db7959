"""Where a list of texts is expected, a single text is one entry: its characters are not the entries."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

import mlyard

Call = Callable[[mlyard.MlyardClient, Any], Any]


def ids(runs: Any) -> list[str]:
    return [run.info.run_id for run in runs]


BY_EXPERIMENT: dict[str, Call] = {
    "client.search_runs": lambda client, one: ids(client.search_runs(one)),
    "search_runs": lambda _, one: ids(mlyard.search_runs(one, output_format="list")),
    "client.search_logged_models": lambda client, one: [m.name for m in client.search_logged_models(one)],
    "search_logged_models": lambda _, one: [m.name for m in mlyard.search_logged_models(one, output_format="list")],
}


@pytest.mark.parametrize("kind", [str, int])
@pytest.mark.parametrize("call", BY_EXPERIMENT.values(), ids=BY_EXPERIMENT)
def test_one_experiment(call: Call, kind: type) -> None:
    client = mlyard.MlyardClient()
    experiments = [client.create_experiment(f"e{number}") for number in range(12)]
    for experiment in experiments:
        client.create_run(experiment)
        client.create_logged_model(experiment, f"m-of-{experiment}")
    found = call(client, kind(experiments[-1]))
    assert len(found) == 1
    assert found == call(client, [experiments[-1]])


def test_the_first_experiment_as_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    mlyard.create_experiment("active")
    monkeypatch.setenv("MLYARD_EXPERIMENT_NAME", "active")
    run = mlyard.MlyardClient().create_run("0")
    assert ids(mlyard.search_runs(0, output_format="list")) == [run.info.run_id]


TEXTS: dict[str, tuple[Call, str]] = {
    "search_runs(order_by)": (lambda c, one: ids(c.search_runs(["0"], order_by=one)), "metrics.m DESC"),
    "fluent search_runs(order_by)": (
        lambda _, one: ids(mlyard.search_runs(["0"], order_by=one, output_format="list")),
        "metrics.m DESC",
    ),
    "search_runs(names)": (
        lambda _, one: ids(mlyard.search_runs(experiment_names=one, output_format="list")),
        "Default",
    ),
    "search_experiments(order_by)": (lambda c, one: [e.name for e in c.search_experiments(order_by=one)], "name DESC"),
    "fluent search_experiments(order_by)": (
        lambda _, one: [e.name for e in mlyard.search_experiments(order_by=one)],
        "name DESC",
    ),
    "search_logged_models(order_by)": (
        lambda c, one: [m.name for m in c.search_logged_models(["0"], order_by=one)],
        "metrics.m",
    ),
    "search_registered_models(order_by)": (
        lambda c, one: [m.name for m in c.search_registered_models(order_by=one)],
        "name DESC",
    ),
    "search_model_versions(order_by)": (
        lambda c, one: [v.version for v in c.search_model_versions(order_by=one)],
        "version_number DESC",
    ),
    "get_latest_versions(stages)": (
        lambda c, one: [v.version for v in c.get_latest_versions("Model", one)],
        "Staging",
    ),
    "load_table(run_ids)": (lambda c, one: len(c.load_table("0", "t.json", run_ids=one)), "the run"),
    "load_table(extra_columns)": (
        lambda c, one: list(c.load_table("0", "t.json", extra_columns=one).columns),
        "run_id",
    ),
    "fluent load_table(extra_columns)": (
        lambda _, one: list(mlyard.load_table("t.json", extra_columns=one).columns),
        "run_id",
    ),
}


@pytest.mark.parametrize(("call", "one"), TEXTS.values(), ids=TEXTS)
def test_one_text(call: Call, one: str) -> None:
    client = mlyard.MlyardClient()
    client.create_registered_model("Model")
    client.create_registered_model("Other")
    for number in range(3):
        run = client.create_run("0")
        client.log_metric(run.info.run_id, "m", number)
        model = client.create_logged_model("0", f"line{number}")
        client.log_metric(run.info.run_id, "m", number, model_id=model.model_id)
        client.create_model_version("Model", model.artifact_uri, run.info.run_id)
    client.transition_model_version_stage("Model", "2", "Staging")
    client.log_table(run.info.run_id, {"a": [1]}, "t.json")
    one = run.info.run_id if one == "the run" else one
    assert call(client, one) == call(client, [one])


def test_unknown_experiments_are_named_in_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    run = mlyard.MlyardClient().create_run("0")
    with caplog.at_level(logging.WARNING, "mlyard"):
        found = mlyard.search_runs(experiment_names=["Default", "unknown"], output_format="list")
    assert ids(found) == [run.info.run_id]
    assert "['unknown']" in caplog.text
