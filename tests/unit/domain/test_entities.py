"""Entities are made and read as MLflow's are: by position, and as dictionaries."""

from __future__ import annotations

import inspect
import json

import pytest

import mlyard
from mlyard.domain import artifacts, experiments, inputs, metrics, model_versions, registered_models, runs
from mlyard.domain.entity import Entity

# The positional parameters of MLflow 3.17.2's constructors, as far as we have the field.
POSITIONS = {
    metrics.Metric: "key value timestamp step model_id dataset_name dataset_digest run_id",
    runs.Param: "key value",
    runs.RunTag: "key value",
    runs.RunInfo: "run_id experiment_id user_id status start_time end_time lifecycle_stage artifact_uri run_name",
    runs.Run: "info data inputs outputs",
    runs.RunInputs: "dataset_inputs model_inputs",
    runs.RunOutputs: "model_outputs",
    runs.ModelInput: "model_id",
    runs.ModelOutput: "model_id step",
    inputs.Dataset: "name digest source_type source schema profile",
    inputs.InputTag: "key value",
    inputs.DatasetInput: "dataset tags",
    artifacts.FileInfo: "path is_dir file_size",
    experiments.Experiment: "experiment_id name artifact_location lifecycle_stage tags creation_time last_update_time",
    model_versions.ModelVersion: "name version creation_timestamp last_updated_timestamp description user_id "
    "current_stage source run_id status status_message tags run_link aliases model_id",
    registered_models.RegisteredModel: "name creation_timestamp last_updated_timestamp description latest_versions "
    "tags aliases",
}


@pytest.mark.parametrize(("entity", "names"), POSITIONS.items(), ids=[entity.__name__ for entity in POSITIONS])
def test_fields_are_passed_by_position(entity: type[Entity], names: str) -> None:
    parameters = inspect.signature(entity).parameters.values()
    positional = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert positional[: len(names.split())] == names.split()
    made = entity(*names.split())
    assert [getattr(made, name) for name in names.split()] == names.split()


def test_a_batch_in_the_form_of_mlflows_guide() -> None:
    client = mlyard.MlyardClient()
    run_id = client.create_run("0").info.run_id
    client.log_batch(
        run_id,
        [mlyard.entities.Metric("loss", 0.5, 1000, 3)],
        [mlyard.entities.Param("alpha", "1")],
        [mlyard.entities.RunTag("kind", "trial")],
    )
    (point,) = client.get_metric_history(run_id, "loss")
    assert (point.value, point.timestamp, point.step) == (0.5, 1000, 3)


def test_a_run_as_dictionaries() -> None:
    client = mlyard.MlyardClient()
    run_id = client.create_run("0", tags={"kind": "trial"}).info.run_id
    client.log_batch(run_id, [mlyard.entities.Metric("loss", 0.5, 0)], [mlyard.entities.Param("alpha", "1")])
    run = client.get_run(run_id)
    assert set(dict(run)) == {"info", "data", "inputs", "outputs"}
    assert dict(run.data) == {"metrics": {"loss": 0.5}, "params": {"alpha": "1"}, "tags": run.data.tags}
    assert set(dict(run.info)) == set(POSITIONS[runs.RunInfo].split())


def test_to_dictionary_holds_only_plain_values() -> None:
    metric = metrics.Metric(key="rmse", value=0.5, timestamp=1, step=2)
    run = runs.Run(info=runs.RunInfo("a", "0"), data=runs.RunData(latest_metrics=(metric,), params={"alpha": "1"}))
    found = run.to_dictionary()
    assert found["data"] == dict(run.data) == {"metrics": {"rmse": 0.5}, "params": {"alpha": "1"}, "tags": {}}
    assert found["inputs"] == {"dataset_inputs": [], "model_inputs": []}
    assert found["info"] == dict(run.info)
    assert json.loads(json.dumps(found)) == found
