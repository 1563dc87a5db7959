"""Datasets and models that runs consume and make."""

from steps import Step, get, post

LOGGED_MODEL = (
    '{"run_id": "$r1", "artifact_path": "model", "utc_time_created": "2024-01-01 00:00:00.0", '
    '"flavors": {"python_function": {}}}'
)
DATASETS = "/ajax-api/2.0/mlflow/experiments/search-datasets"
D1 = {
    "name": "iris",
    "digest": "d1",
    "source_type": "local",
    "source": "iris.csv",
    "schema": "{}",
    "profile": '{"rows": 3}',
}
D2 = {"name": "iris", "digest": "d2", "source_type": "s3", "source": "s3://b/iris.csv"}
D3 = {"name": "wine", "digest": "d3", "source_type": "local", "source": "wine.csv"}


def context(value: str) -> list[dict[str, str]]:
    return [{"key": "mlflow.data.context", "value": value}]


def found(filter_string: str) -> Step:
    return post("runs/search", {"experiment_ids": ["$e"], "filter": filter_string}, pick="runs.*.info.run_name")


def refused(dataset: object, **more: object) -> Step:
    return post("runs/log-inputs", {"run_id": "$r9", "datasets": [{"dataset": dataset, **more}]})


LOGGED = [
    post("experiments/create", {"name": "e"}, save={"e": "experiment_id"}),
    post("experiments/create", {"name": "o"}, save={"o": "experiment_id"}),
    post("runs/create", {"experiment_id": "$e", "run_name": "one", "start_time": 1}, save={"r1": "run.info.run_id"}),
    post("runs/create", {"experiment_id": "$e", "run_name": "two", "start_time": 2}, save={"r2": "run.info.run_id"}),
    post("runs/create", {"experiment_id": "$o", "run_name": "three", "start_time": 3}, save={"r3": "run.info.run_id"}),
    post("runs/create", {"experiment_id": "0", "run_name": "refused", "start_time": 4}, save={"r9": "run.info.run_id"}),
    post("runs/log-inputs", {"run_id": "$r1", "datasets": [{"dataset": D1, "tags": context("train")}]}),
    get("runs/get", {"run_id": "$r1"}),
    post("runs/log-inputs", {"run_id": "$r1", "datasets": [{"dataset": D1, "tags": context("train")}]}, note="again"),
    post(
        "runs/log-inputs", {"run_id": "$r1", "datasets": [{"dataset": D1, "tags": context("test")}]}, note="other tags"
    ),
    get("runs/get", {"run_id": "$r1"}, pick="run.inputs"),
    post("runs/log-inputs", {"run_id": "$r2", "datasets": [{"dataset": D2, "tags": []}]}),
    get("runs/get", {"run_id": "$r2"}, pick="run.inputs"),
    post("runs/log-inputs", {"run_id": "$r3", "datasets": [{"dataset": D3, "tags": context("eval")}]}),
    post("runs/log-inputs", {"run_id": "$r1"}, note="nothing"),
    post("runs/log-inputs", {"run_id": "$r1", "datasets": []}),
    post("runs/log-inputs", {"run_id": "none", "datasets": [{"dataset": D1}]}),
    post("runs/log-inputs", {"datasets": [{"dataset": D1}]}),
    refused({}),
    refused({"name": "x"}),
    refused({**D3, "name": ""}),
    refused({**D3, "digest": ""}),
    refused({**D3, "name": "${n*501}"}),
    refused({**D3, "digest": "${n*37}"}),
    refused({**D3, "source": "${n*65536}"}),
    refused(D3, tags=[{"key": "k"}]),
    refused(D3, tags=[{"key": "${k*256}", "value": "v"}]),
    refused(D3, tags=[{"key": "k", "value": "${v*501}"}]),
    post("runs/log-inputs", {"run_id": "$r9", "datasets": [{"tags": context("x")}]}, note="no dataset"),
    post("runs/search", {"experiment_ids": ["$e"]}, pick="runs.*.inputs"),
]


def used(*names: str) -> list[dict[str, object]]:
    return [{"dataset": {**D3, "name": name}} for name in names]


ORDERED = [
    post("runs/create", {"experiment_id": "$e", "run_name": "many", "start_time": 5}, save={"r5": "run.info.run_id"}),
    post("runs/log-inputs", {"run_id": "$r5", "datasets": used("c", "a", "b")}),
    get("runs/get", {"run_id": "$r5"}, pick="run.inputs.dataset_inputs.*.dataset.name"),
]

SEARCHED = [
    post(DATASETS, {"experiment_ids": ["$o"]}),
    post(DATASETS, {"experiment_ids": ["987654"]}),
    post(DATASETS, {"experiment_ids": []}, message="exact"),
    post(DATASETS, {}, message="exact"),
    post(DATASETS, {"experiment_ids": {"$each": 21, "of": "7#"}}, message="exact"),
    post("experiments/search-datasets", {"experiment_ids": ["$o"]}, note="below /api"),
    found("dataset.name = 'iris'"),
    found("datasets.name = 'iris'"),
    found("dataset.name LIKE 'ir%'"),
    found("dataset.name ILIKE 'IR%'"),
    found("dataset.name != 'iris'"),
    found("dataset.name IN ('iris', 'wine')"),
    found("dataset.name NOT IN ('wine')"),
    found("dataset.digest = 'd2'"),
    found("dataset.context = 'train'"),
    found("dataset.context LIKE 't%'"),
    found("dataset.context != 'test'"),
    found("dataset.name = 'iris' AND dataset.context = 'train'"),
    found("dataset.name = 'iris' AND dataset.digest = 'd2'"),
    found("dataset.source = 'x'"),
    found("dataset.name > 'a'"),
    found("dataset.name = 5"),
    found("dataset.name IS NULL"),
]

MODELS = [
    post(
        "logged-models",
        {"experiment_id": "$e", "name": "model", "source_run_id": "$r1"},
        save={"m": "model.info.model_id"},
    ),
    post("runs/log-inputs", {"run_id": "$r2", "models": [{"model_id": "$m"}]}),
    post("runs/outputs", {"run_id": "$r1", "models": [{"model_id": "$m", "step": 3}]}),
    post("runs/outputs", {"run_id": "$r1", "models": [{"model_id": "$m", "step": 3}]}, note="again"),
    get("runs/get", {"run_id": "$r1"}, pick=["run.inputs", "run.outputs"]),
    get("runs/get", {"run_id": "$r2"}, pick=["run.inputs", "run.outputs"]),
    post("runs/outputs", {"run_id": "$r1"}),
    post("runs/outputs", {"run_id": "$r1", "models": []}),
    post("runs/outputs", {"models": [{"model_id": "$m", "step": 0}]}),
    post("runs/outputs", {"run_id": "none", "models": [{"model_id": "$m", "step": 0}]}),
    post(
        "runs/log-model",
        {
            "run_id": "$r1",
            "model_json": LOGGED_MODEL,
        },
    ),
    get("runs/get", {"run_id": "$r1"}, pick="run.data.tags"),
    post("runs/log-model", {"run_id": "$r1", "model_json": "{bad"}),
    post("runs/log-model", {"run_id": "$r1", "model_json": "{}"}),
    post("runs/log-model", {"run_id": "$r1"}),
    post("runs/log-model", {"model_json": "{}"}),
]

STEPS = LOGGED + ORDERED + SEARCHED + MODELS
