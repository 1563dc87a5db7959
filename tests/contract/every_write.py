"""Every write of every port, and things to write to."""

from __future__ import annotations

from collections.abc import Callable

from mlyard.domain.list_tags import TAG_LOGGED_TABLES, TAG_VERSIONS
from mlyard.domain.logged_models import NewLoggedModel
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.runs import ModelOutput, NewRun, RunBatch, RunTag
from mlyard.ports.store import Store


class Entities:
    """One of each entity, with a tag ``t``; a second experiment and a second run are deleted."""

    def __init__(self, store: Store, name: str) -> None:
        self.name = name
        self.experiment = store.experiments.create(name, tags={"t": "v"})
        self.deleted_experiment = store.experiments.create(f"{name}-deleted")
        store.experiments.delete(self.deleted_experiment)
        self.run, self.deleted_run = (
            store.runs.create(NewRun(experiment_id=self.experiment)).info.run_id for _ in range(2)
        )
        store.runs.log_batch(self.run, RunBatch(tags=(RunTag(key="t", value="v"),)))
        store.runs.delete(self.deleted_run)
        new = NewLoggedModel(experiment_id=self.experiment, name="m", tags={"t": "v"})
        self.model = store.logged_models.create(new).model_id
        store.registered_models.create(name, tags={"t": "v"})
        store.model_versions.create(NewModelVersion(name=name, source="s3://models/m", tags={"t": "v"}))
        store.registered_models.set_alias(name, "a", "1")


Write = Callable[[Store, Entities], object]
WRITES: dict[str, Write] = {
    "experiments.create": lambda s, e: s.experiments.create(f"{e.name}-new"),
    "experiments.rename": lambda s, e: s.experiments.rename(e.experiment, f"{e.name}-new"),
    "experiments.delete": lambda s, e: s.experiments.delete(e.experiment),
    "experiments.restore": lambda s, e: s.experiments.restore(e.deleted_experiment),
    "experiments.set_tag": lambda s, e: s.experiments.set_tag(e.experiment, "k", "v"),
    "experiments.delete_tag": lambda s, e: s.experiments.delete_tag(e.experiment, "t"),
    "runs.create": lambda s, e: s.runs.create(NewRun(experiment_id=e.experiment, request_id=e.name)),
    "runs.update": lambda s, e: s.runs.update(e.run, status="FINISHED", end_time=1),
    "runs.delete": lambda s, e: s.runs.delete(e.run),
    "runs.restore": lambda s, e: s.runs.restore(e.deleted_run),
    "runs.log_batch": lambda s, e: s.runs.log_batch(e.run, RunBatch(tags=(RunTag(key="t", value="w"),))),
    "runs.delete_tag": lambda s, e: s.runs.delete_tag(e.run, "t"),
    "runs.log_inputs": lambda s, e: s.runs.log_inputs(e.run),
    "runs.log_outputs": lambda s, e: s.runs.log_outputs(e.run, [ModelOutput(model_id=e.model, step=0)]),
    "runs.add_to_tag": lambda s, e: s.runs.add_to_tag(e.run, TAG_LOGGED_TABLES, {"path": "t.json"}),
    "runs.heartbeat": lambda s, e: s.runs.heartbeat(e.run, 60),
    "logged_models.create": lambda s, e: s.logged_models.create(NewLoggedModel(experiment_id=e.experiment)),
    "logged_models.finalize": lambda s, e: s.logged_models.finalize(e.model, "LOGGED_MODEL_READY"),
    "logged_models.log_params": lambda s, e: s.logged_models.log_params(e.model, {"p": "v"}),
    "logged_models.set_tags": lambda s, e: s.logged_models.set_tags(e.model, {"k": "v"}),
    "logged_models.add_to_tag": lambda s, e: s.logged_models.add_to_tag(e.model, TAG_VERSIONS, {"name": "m"}),
    "logged_models.delete_tag": lambda s, e: s.logged_models.delete_tag(e.model, "t"),
    "logged_models.delete": lambda s, e: s.logged_models.delete(e.model),
    "registered_models.create": lambda s, e: s.registered_models.create(f"{e.name}-new"),
    "registered_models.rename": lambda s, e: s.registered_models.rename(e.name, f"{e.name}-new"),
    "registered_models.update": lambda s, e: s.registered_models.update(e.name, "text"),
    "registered_models.delete": lambda s, e: s.registered_models.delete(e.name),
    "registered_models.set_tag": lambda s, e: s.registered_models.set_tag(e.name, "k", "v"),
    "registered_models.delete_tag": lambda s, e: s.registered_models.delete_tag(e.name, "t"),
    "registered_models.set_alias": lambda s, e: s.registered_models.set_alias(e.name, "b", "1"),
    "registered_models.delete_alias": lambda s, e: s.registered_models.delete_alias(e.name, "a"),
    "model_versions.create": lambda s, e: s.model_versions.create(NewModelVersion(name=e.name, source="s3://models/m")),
    "model_versions.update": lambda s, e: s.model_versions.update(e.name, "1", "text"),
    "model_versions.transition": lambda s, e: s.model_versions.transition(e.name, "1", "Staging"),
    "model_versions.set_tag": lambda s, e: s.model_versions.set_tag(e.name, "1", "k", "v"),
    "model_versions.delete_tag": lambda s, e: s.model_versions.delete_tag(e.name, "1", "t"),
    "model_versions.delete": lambda s, e: s.model_versions.delete(e.name, "1"),
}
