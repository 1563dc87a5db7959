"""Sources of model versions: places, odd spellings of places, and what no server can find."""

from steps import Step, get, post

PLACES = [
    "$uri",
    "$uri/",
    "$uri///",
    "$uri/model",
    "$uri/model/",
    "$uri/a/b c.d",
    "mlflow-artifacts:/models",
    "mlflow-artifacts:/models///",
    "mlflow-artifacts:/models/foo///bar",
    "mlflow-artifacts://host:9000/models",
    "mlflow-artifacts:/../models",
    "mlflow-artifacts:/models/..%2f..%2fx",
    "mlflow-artifacts:/models/x%00",
    "mlflow-artifacts:",
    "s3://bucket/model",
    "s3://bucket/../model",
    "s3://bucket/model?x=1",
    "gs://bucket/model",
    "dbfs:/models/m",
    "dbfs:/models/a%3f/../../..",
    "wasbs://box@host.example/model",
    "http://host/models/../../..",
    "https://host/api/2.0/mlflow-artifacts/artifacts/../..",
    "ftp://host/a/../..",
    "unknown://place/model",
    "models:/none/1",
    "models:/m/999",
    "models:/m",
    "models:/",
    "runs:/",
    "runs:/$r",
    "runs:/$r/model",
    "/tmp",
    "/tmp/../etc",
    "tmp",
    "./model",
    "file:///tmp",
    "file:///tmp/../etc",
    "dummy",
]


def created(source: str, **more: object) -> Step:
    return post(
        "model-versions/create",
        {"name": "m", "source": source, **more},
        pick=["model_version.source", "model_version.run_id"],
    )


STEPS = [
    post("runs/create", {"experiment_id": "0"}, save={"r": "run.info.run_id", "uri": "run.info.artifact_uri"}),
    post("logged-models", {"experiment_id": "0", "name": "line"}, save={"m": "model.info.model_id"}),
    get("logged-models/$m", save={"place": "model.info.artifact_uri"}, pick="model.info.name"),
    post("registered-models/create", {"name": "m"}),
    *(created(place, run_id="$r") for place in PLACES),
    *(created(place) for place in PLACES),
    created("$place", model_id="$m"),
    created("$place/part", model_id="$m"),
    created("models:/$m", model_id="$m"),
    created("models:/$m"),
    created("$uri/model", model_id="$m"),
    created("file:///path/to/model", model_id="$m"),
]
