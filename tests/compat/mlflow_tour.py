"""Run by a real MLflow client's interpreter: python mlflow_tour.py <tracking URI>."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
seen = {}

experiment_id = mlflow.create_experiment("tour", tags={"team": "blue"})
mlflow.set_experiment("tour")
experiment = client.get_experiment(experiment_id)
seen["experiment"] = [experiment.name, experiment.lifecycle_stage, experiment.tags]

data, target = load_diabetes(return_X_y=True, as_frame=True)
model = ElasticNet(alpha=0.5).fit(data, target)
Path("a.txt").write_text("hello")
with mlflow.start_run() as run:
    mlflow.log_param("alpha", 0.5)
    mlflow.log_params({"a": 1, "b": "x"})
    mlflow.log_metric("rmse", 1.5)
    mlflow.log_metrics({"mae": float("nan"), "inf": float("inf")}, step=3)
    mlflow.set_tag("t", "v")
    mlflow.log_artifact("a.txt")
    mlflow.log_artifact("a.txt", "sub/dir")
    info = mlflow.sklearn.log_model(
        model,
        name="model",
        registered_model_name="Tour",
        input_example=data.head(2),
    )
    with mlflow.start_run(nested=True) as child:
        for step in range(3):
            mlflow.log_metric("loss", 1 / 2**step, step=step)
run_id = run.info.run_id
logged = client.get_run(run_id)
seen["run_id"] = run_id
seen["status"] = logged.info.status
seen["params"] = logged.data.params
seen["tags"] = logged.data.tags
seen["metrics"] = {key: str(value) for key, value in logged.data.metrics.items()}
seen["parent"] = client.get_run(child.info.run_id).data.tags["mlflow.parentRunId"]
seen["history"] = [[point.step, point.value] for point in client.get_metric_history(child.info.run_id, "loss")]

frame = mlflow.search_runs([experiment_id], "metrics.rmse < 2 AND params.alpha = '0.5'", order_by=["metrics.rmse DESC"])
seen["found"] = list(frame.run_id)
seen["columns"] = list(frame.columns)
many = client.create_experiment("many")
for _ in range(12):
    client.create_run(many)
seen["paged"] = 0
token = None
while True:
    page = client.search_runs([many], max_results=5, page_token=token)
    seen["paged"] += len(page)
    token = page.token
    if not token:
        break

seen["artifacts"] = [file.path for file in client.list_artifacts(run_id)]
seen["text"] = Path(client.download_artifacts(run_id, "sub/dir/a.txt")).read_text()

mlflow.register_model(info.model_uri, "Tour")
client.transition_model_version_stage("Tour", "1", "Production")
client.transition_model_version_stage("Tour", "2", "Production", archive_existing_versions=True)
client.set_registered_model_alias("Tour", "champion", "2")
seen["stages"] = {str(v.version): v.current_stage for v in client.search_model_versions("name='Tour'")}
seen["by_alias"] = str(client.get_model_version_by_alias("Tour", "champion").version)
seen["registered"] = [m.name for m in client.search_registered_models("name = 'Tour'")]
client.create_model_version("Tour", f"runs:/{run_id}/model", run_id)
seen["same_files"] = len({client.get_model_version_download_uri("Tour", str(n)) for n in (1, 2, 3)}) == 1
seen["version_run"] = client.get_model_version("Tour", "2").run_id

seen["expected"] = model.predict(data.head(2)).tolist()
addresses = [
    info.model_uri,
    f"runs:/{run_id}/model",
    "models:/Tour/1",
    "models:/Tour/Production",
    "models:/Tour@champion",
]
seen["loaded"] = [mlflow.pyfunc.load_model(address).predict(data.head(2)).tolist() for address in addresses]

seen["errors"] = []
for attempt in (
    lambda: client.create_experiment("tour"),
    lambda: client.get_run("0" * 32),
    lambda: client.log_param(run_id, "alpha", "0.7"),
    lambda: client.search_runs([experiment_id], "metrics.rmse <"),
    lambda: client.create_registered_model("Tour"),
    lambda: client.get_registered_model("No"),
):
    try:
        attempt()
    except MlflowException as error:
        seen["errors"].append(error.error_code)
print(json.dumps(seen))
