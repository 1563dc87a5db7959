"""Metrics: latest values, histories, special numbers."""

from __future__ import annotations

import math

import requests
from basis import INVALID, Tour, equal, now, refused
from mlflow.entities import Metric


def latest(tour: Tour) -> None:
    """The latest point has the largest step, then time, then value."""
    client, run_id = tour.client, tour.run()
    client.log_metric(run_id, "m", 1.0, 1000, 0)
    client.log_metric(run_id, "m", 3.0, 1000, 7)
    client.log_metric(run_id, "m", 2.0, 2000, 5)
    equal(client.get_run(run_id).data.metrics["m"], 3.0)
    client.log_metric(run_id, "m", 4.0, 999, 7)
    equal(client.get_run(run_id).data.metrics["m"], 3.0)
    client.log_metric(run_id, "m", 5.0, 1000, 7)
    equal(client.get_run(run_id).data.metrics["m"], 5.0)
    client.log_metric(run_id, "m", -1.0, 1001, 7)
    equal(client.get_run(run_id).data.metrics["m"], -1.0)
    client.log_metric(run_id, "below", 1.0, 1000, -3)
    client.log_metric(run_id, "below", 2.0, 1000, -5)
    equal(client.get_run(run_id).data.metrics["below"], 1.0)


def defaults(tour: Tour) -> None:
    client, run_id = tour.client, tour.run()
    before = now()
    client.log_metric(run_id, "m", 2)
    point = client.get_metric_history(run_id, "m")[0]
    equal([point.key, point.value, point.step], ["m", 2.0, 0])
    assert before <= point.timestamp <= now()


def history(tour: Tour) -> None:
    client, run_id = tour.client, tour.run()
    points = [(10, 0, 1.5), (20, 1, 0.1 + 0.2), (30, 2, -1e300), (40, 3, 1e-300), (40, 3, 2.0)]
    for timestamp, step, value in points:
        client.log_metric(run_id, "a/b c", value, timestamp, step)
    client.log_metric(run_id, "a/b c", 1.5, 10, 0)
    seen = client.get_metric_history(run_id, "a/b c")
    equal([(point.timestamp, point.step, point.value) for point in seen], points)
    equal(list(client.get_metric_history(run_id, "other")), [])


def special_numbers(tour: Tour) -> None:
    client, run_id = tour.client, tour.run()
    for key, value in (("nan", math.nan), ("inf", math.inf), ("low", -math.inf), ("zero", -0.0)):
        client.log_metric(run_id, key, value)
    seen = client.get_run(run_id).data.metrics
    equal(math.isnan(seen["nan"]), True)
    # MLflow's own SQL stores keep infinities as the largest numbers.
    assert seen["inf"] >= 1.7976931348623157e308
    assert seen["low"] <= -1.7976931348623157e308
    equal(seen["zero"], 0.0)
    equal(math.isnan(client.get_metric_history(run_id, "nan")[0].value), True)
    client.log_metric(run_id, "mixed", math.nan, 5, 1)
    client.log_metric(run_id, "mixed", 1.0, 6, 1)
    equal(client.get_run(run_id).data.metrics["mixed"], 1.0)


def refusals(tour: Tour) -> None:
    client, run_id = tour.client, tour.run()
    for key in ("a!", "../a", "/a", "a//b", ".", "k" * 251):
        refused(INVALID, client.log_metric, run_id, key, 1.0)
    equal(dict(client.get_run(run_id).data.metrics), {})


def long_history(tour: Tour) -> None:
    """More points than one batch or one page holds."""
    client, run_id = tour.client, tour.run()
    for start in (0, 900, 1800):
        client.log_batch(run_id, metrics=[Metric("m", float(step), step, step) for step in range(start, start + 900)])
    equal([point.step for point in client.get_metric_history(run_id, "m")], list(range(2700)))
    equal(client.get_run(run_id).data.metrics["m"], 2699.0)


def in_bulk(tour: Tour) -> None:
    """What the web page of several runs asks."""
    if tour.version < (2, 0):
        return
    client, experiment_id = tour.client, tour.experiment()
    first, second = tour.run(experiment_id), tour.run(experiment_id)
    for run_id in (first, second):
        client.log_batch(run_id, metrics=[Metric("m", step * 2.0, 100 + step, step) for step in range(10)])
    address = f"{tour.url}/ajax-api/2.0/mlflow/metrics/get-history-bulk"
    query = {"run_id": [first, second], "metric_key": "m", "max_results": 15}
    seen = requests.get(address, params=query, timeout=30).json()["metrics"]
    expected = [[run_id, step] for run_id in sorted((first, second)) for step in range(10)][:15]
    equal([[point["run_id"], int(point["step"])] for point in seen], expected)
    equal(set(seen[0]), {"key", "value", "timestamp", "step", "run_id"})
    answer = requests.get(f"{address}-interval", params={**query, "run_ids": [first, second]}, timeout=30)
    steps = {int(point["step"]) for point in answer.json()["metrics"] if point["run_id"] == first}
    assert {0, 9} <= steps


STEPS = (latest, defaults, history, special_numbers, refusals, long_history, in_bulk)
