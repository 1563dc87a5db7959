"""A store: one port for each kind of entity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlyard.ports.experiments import ExperimentStore
from mlyard.ports.logged_models import LoggedModelStore
from mlyard.ports.model_versions import ModelVersionStore
from mlyard.ports.registered_models import RegisteredModelStore
from mlyard.ports.runs import MetricStore, RunStore


@dataclass(frozen=True)
class Store:
    """The ports of one backend. ``close`` finishes accepted writes and releases all resources."""

    experiments: ExperimentStore
    runs: RunStore
    metrics: MetricStore
    logged_models: LoggedModelStore
    registered_models: RegisteredModelStore
    model_versions: ModelVersionStore
    close: Callable[[], None]
