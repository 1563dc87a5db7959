"""The data of the store in memory."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.domain.experiments import ACTIVE, Experiment
from mlyard.domain.logged_models import LoggedModel
from mlyard.domain.metrics import Metric
from mlyard.domain.model_versions import ModelVersion
from mlyard.domain.registered_models import RegisteredModel
from mlyard.domain.runs import Run


@dataclass
class State:
    """All data, under one lock. Entities are immutable: a change replaces them."""

    artifact_root: str
    lock: threading.RLock = field(default_factory=threading.RLock)
    experiments: dict[str, Experiment] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    leases: dict[str, int] = field(default_factory=dict)
    history: defaultdict[tuple[str, str], set[Metric]] = field(default_factory=lambda: defaultdict(set))
    logged_models: dict[str, LoggedModel] = field(default_factory=dict)
    deleted_models: set[str] = field(default_factory=set)
    registered_models: dict[str, RegisteredModel] = field(default_factory=dict)
    model_versions: dict[tuple[str, str], ModelVersion] = field(default_factory=dict)
    storage_locations: dict[tuple[str, str], str] = field(default_factory=dict)
    last_versions: dict[str, int] = field(default_factory=dict)
    # Ids of entities, by the id of the request that created them.
    created: dict[str, str] = field(default_factory=dict)

    def experiment(self, experiment_id: str) -> Experiment:
        """An experiment. Raises InvalidParameter, DoesNotExist."""
        if not (experiment_id.isascii() and experiment_id.isdigit()):
            raise InvalidParameter(f"Invalid experiment ID '{experiment_id}'. Experiment ID must be a valid integer.")
        if experiment_id not in self.experiments:
            raise DoesNotExist(f"No Experiment with id={experiment_id} exists")
        return self.experiments[experiment_id]

    def active_experiment(self, experiment_id: str) -> Experiment:
        """An experiment that is not deleted. Raises InvalidParameter, DoesNotExist."""
        found = self.experiment(experiment_id)
        if found.lifecycle_stage != ACTIVE:
            raise InvalidParameter(f"The experiment {experiment_id} must be in the 'active' state. It is deleted.")
        return found

    def run(self, run_id: str) -> Run:
        """A run. Raises DoesNotExist."""
        if run_id not in self.runs:
            raise DoesNotExist(f"Run with id={run_id} not found")
        return self.runs[run_id]

    def active_run(self, run_id: str) -> Run:
        """A run that is not deleted. Raises InvalidParameter, DoesNotExist."""
        found = self.run(run_id)
        if found.info.lifecycle_stage != ACTIVE:
            raise InvalidParameter(f"The run {run_id} must be in the 'active' state. Current state is deleted.")
        return found
