"""Datasets as inputs of runs."""

from __future__ import annotations

import json
from typing import Any

import mlflow
import requests
from basis import INVALID, MISSING, NO_RUN, Tour, equal, refused


def dataset_input(name: str, digest: str, context: str | None = "train") -> Any:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    dataset = Dataset(
        name=name, digest=digest, source_type="local", source='{"uri": "/x"}', schema='{"s": 1}', profile='{"p": 2}'
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", context)] if context else [])


def seen_inputs(run: Any) -> list[list[Any]]:
    return sorted(
        [item.dataset.name, item.dataset.digest, {tag.key: tag.value for tag in item.tags}]
        for item in run.inputs.dataset_inputs
    )


def log_and_get(tour: Tour) -> None:
    if not tour.has("log_inputs"):
        return
    client, run_id = tour.client, tour.run()
    equal(list(client.get_run(run_id).inputs.dataset_inputs), [])
    client.log_inputs(run_id, [dataset_input("one", "d1"), dataset_input("two", "d2", None)])
    client.log_inputs(run_id, [dataset_input("one", "d1", "other"), dataset_input("one", "d9", "eval")])
    run = client.get_run(run_id)
    context = "mlflow.data.context"
    names = [[name, digest] for name, digest, _ in seen_inputs(run)]
    equal(names, [["one", "d1"], ["one", "d9"], ["two", "d2"]])
    by_digest = {digest: tags for _, digest, tags in seen_inputs(run)}
    equal([by_digest["d9"], by_digest["d2"]], [{context: "eval"}, {}])
    assert by_digest["d1"][context] in ("train", "other")
    first = next(item.dataset for item in run.inputs.dataset_inputs if item.dataset.digest == "d1")
    equal([first.source_type, first.source], ["local", '{"uri": "/x"}'])
    equal([first.schema, first.profile], ['{"s": 1}', '{"p": 2}'])


def refusals(tour: Tour) -> None:
    if not tour.has("log_inputs"):
        return
    client, run_id = tour.client, tour.run()
    refused(MISSING, client.log_inputs, NO_RUN, [dataset_input("one", "d1")])
    client.delete_run(run_id)
    refused(INVALID, client.log_inputs, run_id, [dataset_input("one", "d1")])


def filters(tour: Tour) -> None:
    if not tour.has("log_inputs"):
        return
    client, experiment_id = tour.client, tour.experiment()
    one, two, three = (tour.run(experiment_id) for _ in range(3))
    client.log_inputs(one, [dataset_input("Sales", "d1"), dataset_input("weather", "d2", "eval")])
    client.log_inputs(two, [dataset_input("Sales", "d3")])
    cases = (
        ("datasets.name = 'Sales'", {one, two}),
        ("dataset.digest = 'd3'", {two}),
        ("datasets.name LIKE 'wea%'", {one}),
        ("datasets.name ILIKE 'sal%'", {one, two}),
        ("datasets.context = 'eval'", {one}),
        ("datasets.name IN ('weather', 'x')", {one}),
        ("datasets.name = 'Sales' AND datasets.digest = 'd1'", {one}),
        ("datasets.name = 'none'", set()),
    )
    for text, expected in cases:
        equal((text, {run.info.run_id for run in client.search_runs([experiment_id], text)}), (text, expected))
    found = {run.info.run_id: run for run in client.search_runs([experiment_id])}
    equal([len(found[run_id].inputs.dataset_inputs) for run_id in (one, two, three)], [2, 1, 0])
    refused(INVALID, client.search_runs, [experiment_id], "datasets.nothing = 'a'")


def summaries(tour: Tour) -> None:
    """What the web page asks for its list of datasets."""
    if not tour.has("log_inputs"):
        return
    client, experiment_id = tour.client, tour.experiment()
    client.log_inputs(tour.run(experiment_id), [dataset_input("one", "d1"), dataset_input("two", "d2", "eval")])
    client.log_inputs(tour.run(experiment_id), [dataset_input("one", "d1")])
    address = f"{tour.url}/ajax-api/2.0/mlflow/experiments/search-datasets"
    answer = requests.post(address, json={"experiment_ids": [experiment_id]}, timeout=30).json()
    seen = [
        (item["experiment_id"], item["name"], item["digest"], item["context"]) for item in answer["dataset_summaries"]
    ]
    equal(sorted(seen), [(experiment_id, "one", "d1", "train"), (experiment_id, "two", "d2", "eval")])


def fluently(tour: Tour) -> None:
    if not tour.has("log_inputs"):
        return
    import pandas

    frame = pandas.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    dataset = mlflow.data.from_pandas(frame, source="/data/frame.csv", name="frame", targets="b")
    mlflow.set_experiment(tour.name())
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="training", tags={"extra": "yes"})
        mlflow.log_input(dataset, context="training")
    (item,) = tour.client.get_run(run.info.run_id).inputs.dataset_inputs
    equal([item.dataset.name, item.dataset.digest], ["frame", dataset.digest])
    equal({tag.key: tag.value for tag in item.tags}, {"mlflow.data.context": "training", "extra": "yes"})
    equal(json.loads(item.dataset.profile), {"num_rows": 3, "num_elements": 6})
    equal(mlflow.data.get_source(item).uri, "/data/frame.csv")


STEPS = (log_and_get, refusals, filters, summaries, fluently)
