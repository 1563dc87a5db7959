"""A store in memory."""

from __future__ import annotations

from mlyard.domain.experiments import DEFAULT_EXPERIMENT_NAME
from mlyard.ports.store import Store
from mlyard.stores.memory.experiments import MemoryExperiments
from mlyard.stores.memory.logged_models import MemoryLoggedModels
from mlyard.stores.memory.metrics import MemoryMetrics
from mlyard.stores.memory.registry import MemoryModelVersions, MemoryRegisteredModels
from mlyard.stores.memory.runs import MemoryRuns
from mlyard.stores.memory.state import State


def open_memory_store(artifact_root: str) -> Store:
    """A store with nothing but the default experiment. Its data is lost with the object."""
    state = State(artifact_root)
    experiments = MemoryExperiments(state)
    experiments.create(DEFAULT_EXPERIMENT_NAME)
    return Store(
        experiments=experiments,
        runs=MemoryRuns(state),
        metrics=MemoryMetrics(state),
        logged_models=MemoryLoggedModels(state),
        registered_models=MemoryRegisteredModels(state),
        model_versions=MemoryModelVersions(state),
        close=lambda: None,
    )
