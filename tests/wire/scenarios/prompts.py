"""Prompts among the registered models, and versions of runs and logged models that the server does not know."""

from steps import Step, get, post

FLAG = {"key": "mlflow.prompt.is_prompt", "value": "true"}
PROMPTS = "tags.`mlflow.prompt.is_prompt`"
RUN = "0123456789abcdef0123456789abcdef"
MODELS = "registered_models.*.name"
VERSIONS = ["model_versions.*.name", "model_versions.*.version"]


def version(name: str, source: str, **more: object) -> Step:
    return post("model-versions/create", {"name": name, "source": source, **more})


def found(filter_string: str = "") -> list[Step]:
    query = {"filter": filter_string} if filter_string else {}
    return [
        get("registered-models/search", query, pick=MODELS),
        get("model-versions/search", query, pick=VERSIONS),
    ]


REGISTERED = [
    post("registered-models/create", {"name": "P", "tags": [FLAG]}),
    post("registered-models/create", {"name": "M"}),
    version("P", "dummy-source", tags=[FLAG, {"key": "mlflow.prompt.text", "value": "Hi {{x}}"}]),
    version("P", "dummy-source", tags=[FLAG]),
    version("M", "dummy-source"),
    version("M", "s3://bucket/model"),
    version("M", "models:/P/1"),
    get("registered-models/get", {"name": "P"}),
    get("model-versions/get", {"name": "P", "version": "1"}),
    get("model-versions/get-download-uri", {"name": "P", "version": "1"}),
    *found(),
    *found(f"{PROMPTS} = 'true'"),
    *found(f"{PROMPTS} != 'true'"),
    *found("name LIKE '%'"),
    *found(f"name LIKE '%' AND {PROMPTS} = 'true'"),
    *found("name = 'P'"),
    post("registered-models/alias", {"name": "P", "alias": "best", "version": "1"}),
    get("registered-models/alias", {"name": "P", "alias": "best"}, pick="model_version.version"),
    get("registered-models/alias", {"name": "P", "alias": "latest"}, pick="model_version.version"),
    get("registered-models/alias", {"name": "M", "alias": "LATEST"}, pick="model_version.version"),
    post("registered-models/create", {"name": "empty"}),
    get("registered-models/alias", {"name": "empty", "alias": "latest"}, message="Latest version not found"),
]

ELSEWHERE = [
    version("M", f"runs:/{RUN}/model", run_id=RUN),
    get("model-versions/get-download-uri", {"name": "M", "version": "2"}),
    version("M", f"runs:/{RUN}/model"),
    version("M", "s3://bucket/other", run_id=RUN),
    version("M", f"mlflow-artifacts:/0/{RUN}/artifacts/model"),
    version("M", "s3://bucket/../other", run_id=RUN),
    version("M", "/srv/model", run_id=RUN),
    post(
        "logged-models",
        {"experiment_id": "0", "name": "line"},
        save={"m": "model.info.model_id", "uri": "model.info.artifact_uri"},
    ),
    version("M", "$uri", model_id="$m"),
    version("M", "models:/$m", model_id="$m"),
    get("logged-models/$m", pick="model.info.tags"),
    post("registered-models/create", {"name": "Elsewhere"}),
    version("Elsewhere", f"runs:/{RUN}/model", run_id="run_id_1"),
    version("Elsewhere", f"mlflow-artifacts:/0/{RUN}/artifacts/model", run_id=RUN),
    get("model-versions/search", {"filter": "name = 'M'", "order_by": ["name DESC"]}, pick=VERSIONS),
]

STEPS = REGISTERED + ELSEWHERE
