"""Odd but possible inputs: nulls, doubled keys, other types, bodies that are not JSON, wrong methods and paths."""

from steps import Step, get, post, send

CREATE = "experiments/create"


def body(raw: str, path: str = CREATE) -> Step:
    return send("POST", path, raw)


STEPS = [
    post("runs/create", {"experiment_id": "0", "start_time": 1}, save={"r": "run.info.run_id"}),
    body("{bad"),
    body("[]"),
    body('"text"'),
    body("null"),
    body("5"),
    body(""),
    body('{"name": "twice", "name": "twice 2"}'),
    body('{"name": "trailing",}'),
    body("{\"name\": 'quotes'}"),
    post(CREATE, {"name": "tags null", "tags": None}),
    post(CREATE, {"name": "location null", "artifact_location": None}),
    post(CREATE, {"name": "tags twice", "tags": [{"key": "k", "value": "1"}, {"key": "k", "value": "2"}]}),
    post(CREATE, {"name": "no key", "tags": [{"value": "1"}]}),
    post(CREATE, {"name": True}),
    post(CREATE, {"name": ["x"]}),
    post(CREATE, {"name": "in name\u0000"}),
    post("experiments/search", {"max_results": 5, "view_type": "NONE"}, pick="experiments.*.experiment_id"),
    post("experiments/search", {"max_results": 5, "view_type": 9}, pick="experiments.*.experiment_id"),
    post("experiments/search", {"max_results": 5, "filter": 5}),
    post("experiments/search", {"max_results": 5, "order_by": [5]}),
    post("runs/search", {"experiment_ids": ["0"], "run_view_type": "NONE"}),
    post("runs/search", {"experiment_ids": ["0"], "run_view_type": 9}),
    post("runs/search", {"experiment_ids": ["0"], "filter": 5}),
    post("runs/search", {"experiment_ids": ["0"], "order_by": "run_name"}),
    post("runs/update", {"run_id": "$r", "status": "NOTHING"}),
    post("runs/update", {"run_id": "$r", "status": 9}),
    post("runs/update", {"run_id": "$r", "end_time": "x"}),
    post("runs/update", {"run_id": 5, "status": "FINISHED"}),
    post("runs/update", {"run_id": "$r", "status": None}),
    post("runs/create", {"experiment_id": "0", "start_time": "x"}),
    post("runs/create", {"experiment_id": "0", "tags": "x"}),
    post("runs/create", {"experiment_id": "0", "tags": [{"key": "k", "value": 5}]}),
    post("runs/create", {"experiment_id": "0", "user_id": 5}),
    post("runs/create", {"experiment_id": "0", "run_name": None, "user_id": None}, pick="run.info.lifecycle_stage"),
    post("runs/set-tag", {"run_id": "$r", "key": 5, "value": "x"}),
    post("runs/set-tag", {"run_id": "$r", "key": "k", "value": None}),
    post("runs/set-tag", {"run_id": "$r", "key": "k", "value": ["x"]}),
    post("runs/log-parameter", {"run_id": "$r", "key": "null", "value": None}),
    post("runs/log-batch", {"run_id": "$r", "metrics": None}),
    post("runs/log-batch", {"run_id": "$r", "metrics": ["x"]}),
    post("runs/log-batch", {"run_id": "$r", "params": {"a": "b"}}),
    get("nothing/here"),
    get(CREATE),
    post("experiments/get", {"experiment_id": "0"}),
    send("PUT", "runs/create", "{}"),
    send("GET", "experiments/get?experiment_id=0", ""),
    get("/api/2.0/preview/mlflow/experiments/get", {"experiment_id": "0"}, pick="experiment.name"),
    get("/ajax-api/2.0/mlflow/experiments/get", {"experiment_id": "0"}, pick="experiment.name"),
    get("/api/3.0/mlflow/experiments/get", {"experiment_id": "0"}, pick="experiment.name"),
]
