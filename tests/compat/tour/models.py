"""Models that the client saves, registers and loads by each address."""

from __future__ import annotations

import importlib.util
from typing import Any

import mlflow
import mlflow.models
import mlflow.pyfunc
import pandas
from basis import Tour, equal
from fluent import own_experiment


class Doubler(mlflow.pyfunc.PythonModel):
    """Twice what comes in."""

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        return model_input * 2


def log_doubler(tour: Tour, name: str) -> None:
    """Each version's way to log a model at the path "model" and to register it."""
    if tour.version < (1, 30):
        mlflow.pyfunc.log_model("model", python_model=Doubler(), registered_model_name=name)
        return
    path = {"name": "model"} if tour.version >= (3, 0) else {"artifact_path": "model"}
    # With requirements, mlflow starts no process that looks for them.
    needs = ["cloudpickle"]
    mlflow.pyfunc.log_model(python_model=Doubler(), pip_requirements=needs, registered_model_name=name, **path)


def addresses(tour: Tour, name: str, run_id: str) -> list[str]:
    """A second version of the model, and all addresses of both."""
    client = tour.client
    mlflow.register_model(f"runs:/{run_id}/model", name)
    client.transition_model_version_stage(name, "2", "Production")
    found = [f"runs:/{run_id}/model", f"models:/{name}/1", f"models:/{name}/Production"]
    if tour.version >= (1, 30):
        found.append(f"models:/{name}/latest")
    if tour.has("set_registered_model_alias"):
        client.set_registered_model_alias(name, "best", "1")
        found.append(f"models:/{name}@best")
    equal({version.run_id for version in client.search_model_versions(f"name='{name}'")}, {run_id})
    return found


def python_functions(tour: Tour) -> None:
    client, name = tour.client, tour.name("Doubler")
    own_experiment(tour)
    with mlflow.start_run() as run:
        log_doubler(tour, name)
    run_id = run.info.run_id
    if tour.version < (3, 0):
        assert run_id in client.get_run(run_id).data.tags["mlflow.log-model.history"]
        equal([file.path for file in client.list_artifacts(run_id)], ["model"])
    frame = pandas.DataFrame({"a": [1.0, 2.0]})
    for address in addresses(tour, name, run_id):
        seen = mlflow.pyfunc.load_model(address).predict(frame)
        equal((address, seen["a"].tolist()), (address, [2.0, 4.0]))


def sklearn_models(tour: Tour) -> None:
    """With an example, from which mlflow infers the signature."""
    if importlib.util.find_spec("sklearn") is None:
        return
    import mlflow.sklearn
    from sklearn.linear_model import LinearRegression

    data = pandas.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 5.0]})
    model = LinearRegression().fit(data, [1.0, 2.0, 3.0])
    name = tour.name("Line")
    own_experiment(tour)
    more: dict[str, Any] = {"name": "model"} if tour.version >= (3, 0) else {"artifact_path": "model"}
    if tour.version < (2, 0):  # which infers no signature from an example
        more["signature"] = mlflow.models.infer_signature(data, model.predict(data))
    with mlflow.start_run() as run:
        logged = mlflow.sklearn.log_model(
            model, registered_model_name=name, input_example=data.head(2), pip_requirements=["scikit-learn"], **more
        )
    expected = model.predict(data).tolist()
    for address in (logged.model_uri, *addresses(tour, name, run.info.run_id)):
        loaded = mlflow.pyfunc.load_model(address)
        equal((address, loaded.predict(data[["b", "a"]]).tolist()), (address, expected))
        equal([column.name for column in loaded.metadata.signature.inputs.inputs], ["a", "b"])
    places = {tour.client.get_model_version_download_uri(name, number) for number in ("1", "2")}
    equal(len(places), 1)


STEPS = (python_functions, sklearn_models)
