"""Many writers at once, on several server processes: no error, nothing lost, nothing twice."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.conftest import SOAK, LiveServer
from tests.system.conftest import at_once

StartServer = Callable[..., LiveServer]
SECONDS = 60 if SOAK else 3


@pytest.fixture
def server(start_server: StartServer, database: str) -> LiveServer:
    return start_server("--backend-store-uri", database, "--workers", "2")


def new_run(server: LiveServer) -> str:
    _, answer = server.call("POST", "runs/create", {"experiment_id": "0"})
    return str(answer["run"]["info"]["run_id"])  # type: ignore[index]  # the wire's own shape


def data_of(server: LiveServer, run_id: str) -> Any:
    return server.call("GET", f"runs/get?run_id={run_id}")[1]["run"]["data"]  # type: ignore[index]


def metrics(step: int, keys: list[str]) -> list[dict[str, object]]:
    return [{"key": key, "value": step, "timestamp": step, "step": step} for key in keys]


def test_writers_of_the_same_keys_in_different_orders_do_not_stop_each_other(server: LiveServer) -> None:
    run_id = new_run(server)
    keys = [f"k{number}" for number in range(600)]
    until = time.monotonic() + SECONDS
    lock, steps = threading.Lock(), iter(range(10**9))
    logged: dict[str, int] = {}

    def write() -> None:
        order = random.Random(threading.get_ident())
        while time.monotonic() < until:
            mine = order.sample(keys, len(keys))
            with lock:
                step = next(steps)
            body = {"run_id": run_id, "metrics": metrics(step, mine)}
            assert server.call("POST", "runs/log-batch", body) == (200, {})
            with lock:
                logged.update((key, max(step, logged.get(key, 0))) for key in mine)

    at_once([write] * 8)
    seen = {metric["key"]: metric["value"] for metric in data_of(server, run_id)["metrics"]}
    assert seen == logged


def test_a_batch_sent_again_leaves_one_row_each(server: LiveServer) -> None:
    run_id = new_run(server)
    batch = {
        "run_id": run_id,
        "metrics": metrics(1, [f"k{number}" for number in range(150)]),
        "params": [{"key": f"p{number}", "value": "v"} for number in range(50)],
        "tags": [{"key": f"t{number}", "value": "v"} for number in range(50)],
    }
    answers = at_once([lambda: server.call("POST", "runs/log-batch", batch)] * 3)
    assert answers == [(200, {})] * 3
    data = data_of(server, run_id)
    assert [len(data[name]) for name in ("metrics", "params", "tags")] == [150, 50, 51]
    history = server.call("GET", f"metrics/get-history?run_id={run_id}&metric_key=k7")[1]
    assert len(history["metrics"]) == 1  # type: ignore[arg-type]  # the wire's own shape


def test_one_experiment_of_many_creators(server: LiveServer) -> None:
    answers = at_once([lambda: server.call("POST", "experiments/create", {"name": "one"})] * 16)
    assert sorted(status for status, _ in answers) == [200] + [400] * 15
    assert {answer["error_code"] for status, answer in answers if status == 400} == {"RESOURCE_ALREADY_EXISTS"}
    found = server.call("GET", "experiments/get-by-name?experiment_name=one")[1]
    created = next(answer["experiment_id"] for status, answer in answers if status == 200)
    assert found["experiment"]["experiment_id"] == created  # type: ignore[index]


def test_sixteen_versions_at_once_are_numbered_one_to_sixteen(server: LiveServer) -> None:
    server.call("POST", "registered-models/create", {"name": "m"})
    source = f"mlflow-artifacts:/0/{new_run(server)}/artifacts/model"
    run_id = source.split("/")[2]
    body = {"name": "m", "source": source, "run_id": run_id}
    answers = at_once([lambda: server.call("POST", "model-versions/create", body)] * 16)
    assert {status for status, _ in answers} == {200}
    assert sorted(int(answer["model_version"]["version"]) for _, answer in answers) == list(range(1, 17))


def test_of_sixteen_values_for_one_param_one_stays(server: LiveServer) -> None:
    run_id = new_run(server)

    def set_to(value: str) -> Callable[[], tuple[int, Any]]:
        return lambda: server.call("POST", "runs/log-parameter", {"run_id": run_id, "key": "p", "value": value})

    answers = at_once([set_to(str(number)) for number in range(16)])
    assert sorted(status for status, _ in answers) == [200] + [400] * 15
    winner = [status for status, _ in answers].index(200)
    assert data_of(server, run_id)["params"] == [{"key": "p", "value": str(winner)}]


def test_many_writers_beside_readers_never_find_the_database_locked(server: LiveServer) -> None:
    runs = [new_run(server) for _ in range(4)]
    until = time.monotonic() + SECONDS

    def write(number: int) -> Callable[[], None]:
        def work() -> None:
            step = number
            while time.monotonic() < until:
                body = {"run_id": runs[number % 4], "key": "m", "value": 1, "timestamp": 1, "step": step}
                assert server.call("POST", "runs/log-metric", body) == (200, {})
                step += 32

        return work

    def read() -> None:
        while time.monotonic() < until:
            assert server.call("POST", "runs/search", {"experiment_ids": ["0"], "order_by": ["metrics.m"]})[0] == 200

    at_once([*(write(number) for number in range(32)), read, read])


def test_models_that_are_logged_at_once_are_all_in_the_runs_list(server: LiveServer) -> None:
    run_id = new_run(server)

    def log(number: int) -> Callable[[], tuple[int, Any]]:
        model = {"run_id": run_id, "artifact_path": f"m{number}", "utc_time_created": "now", "flavors": {}}
        body = {"run_id": run_id, "model_json": json.dumps(model)}
        return lambda: server.call("POST", "runs/log-model", body)

    assert at_once([log(number) for number in range(32)] * 2) == [(200, {})] * 64
    tags = {tag["key"]: tag["value"] for tag in data_of(server, run_id)["tags"]}
    paths = [model["artifact_path"] for model in json.loads(tags["mlflow.log-model.history"])]
    assert sorted(paths) == sorted(f"m{number}" for number in range(32))


@pytest.mark.parametrize("kind", ["experiments", "registered-models"])
def test_of_sixteen_renames_to_one_name_one_succeeds(server: LiveServer, kind: str) -> None:
    def rename(number: int) -> Callable[[], tuple[int, Any]]:
        created: Any = server.call("POST", f"{kind}/create", {"name": f"n{number}"})[1]
        if kind == "experiments":
            body = {"experiment_id": created["experiment_id"], "new_name": "one"}
            return lambda: server.call("POST", "experiments/update", body)
        return lambda: server.call("POST", "registered-models/rename", {"name": f"n{number}", "new_name": "one"})

    answers = at_once([rename(number) for number in range(16)])
    assert sorted(status for status, _ in answers) == [200] + [400] * 15
    assert {answer["error_code"] for status, answer in answers if status == 400} == {"RESOURCE_ALREADY_EXISTS"}


def test_values_of_one_entity_that_are_set_at_once_all_stay(server: LiveServer) -> None:
    run_id = new_run(server)
    server.call("POST", "registered-models/create", {"name": "m"})
    source = f"mlflow-artifacts:/0/{run_id}/artifacts/model"
    server.call("POST", "model-versions/create", {"name": "m", "source": source, "run_id": run_id})
    model: Any = server.call("POST", "logged-models", {"experiment_id": "0", "name": "l"})[1]
    model_id = model["model"]["info"]["model_id"]

    def calls(name: str) -> list[tuple[str, str, dict[str, object]]]:
        tag = {"key": name, "value": "v"}
        return [
            ("POST", "experiments/set-experiment-tag", {"experiment_id": "0", **tag}),
            ("POST", "registered-models/set-tag", {"name": "m", **tag}),
            ("POST", "registered-models/alias", {"name": "m", "alias": name, "version": "1"}),
            ("POST", "model-versions/set-tag", {"name": "m", "version": "1", **tag}),
            ("PATCH", f"logged-models/{model_id}/tags", {"tags": [tag]}),
            ("POST", f"logged-models/{model_id}/params", {"params": [tag]}),
            ("POST", "runs/outputs", {"run_id": run_id, "models": [{"model_id": name, "step": 0}]}),
            ("POST", "runs/log-inputs", {"run_id": run_id, "models": [{"model_id": name}]}),
        ]

    names = [f"k{number}" for number in range(8)]
    wanted = [call for name in names for call in calls(name)]
    assert {status for status, _ in at_once([lambda c=call: server.call(*c) for call in wanted])} == {200}
    found: list[Any] = [
        server.call("GET", "experiments/get?experiment_id=0")[1],
        server.call("GET", "registered-models/get?name=m")[1],
        server.call("GET", "model-versions/get?name=m&version=1")[1],
        server.call("GET", f"logged-models/{model_id}")[1],
        server.call("GET", f"runs/get?run_id={run_id}")[1],
    ]
    registered = found[1]["registered_model"]
    listed = [
        [tag["key"] for tag in found[0]["experiment"]["tags"]],
        [tag["key"] for tag in registered["tags"]],
        [alias["alias"] for alias in registered["aliases"]],
        [tag["key"] for tag in found[2]["model_version"]["tags"]],
        [tag["key"] for tag in found[3]["model"]["info"]["tags"]],
        [param["key"] for param in found[3]["model"]["data"]["params"]],
        [output["model_id"] for output in found[4]["run"]["outputs"]["model_outputs"]],
        [used["model_id"] for used in found[4]["run"]["inputs"]["model_inputs"]],
    ]
    assert [sorted(one) for one in listed] == [names] * 8


def test_the_same_request_makes_one_run(server: LiveServer) -> None:
    body = {"experiment_id": "0", "request_id": "r-1"}
    answers = at_once([lambda: server.call("POST", "runs/create", body)] * 8)
    assert {status for status, _ in answers} == {200}
    assert len({answer["run"]["info"]["run_id"] for _, answer in answers}) == 1


def test_each_of_many_requests_for_runs_gets_its_own_answer(server: LiveServer) -> None:
    runs = [new_run(server) for _ in range(10)]
    for number, run_id in enumerate(runs):
        server.call("POST", "runs/log-metric", {"run_id": run_id, "key": "m", "value": number, "timestamp": 1})
    expected: dict[str, object] = {f"?run_id={run_id}": number for number, run_id in enumerate(runs)}
    expected |= {"?run_id=none": 404, "": 400, f"?run_uuid={runs[3]}": 3}
    unstorable = "?run_id=%00"

    def ask(seed: int) -> None:
        for query in random.Random(seed).choices([*expected, unstorable], k=60):
            status, answer = server.call("GET", f"runs/get{query}")
            found = answer["run"]["data"]["metrics"][0]["value"] if status == 200 else status  # type: ignore[index]
            # What PostgreSQL cannot even look for, SQLite does not find.
            assert found == expected[query] if query != unstorable else status in {400, 404}, (query, answer)

    at_once([partial(ask, seed) for seed in range(16)])
