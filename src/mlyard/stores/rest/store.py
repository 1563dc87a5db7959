"""A store on a tracking server."""

from __future__ import annotations

from mlyard.ports.store import Store
from mlyard.stores.rest.experiments import RestExperiments
from mlyard.stores.rest.logged_models import RestLoggedModels
from mlyard.stores.rest.model_versions import RestModelVersions
from mlyard.stores.rest.registered_models import RestRegisteredModels
from mlyard.stores.rest.runs import RestMetrics, RestRuns
from mlyard.transport.session import Session


def open_rest_store(session: Session) -> Store:
    """The ports of the server that the session calls."""
    return Store(
        experiments=RestExperiments(session),
        runs=RestRuns(session),
        metrics=RestMetrics(session),
        logged_models=RestLoggedModels(session),
        registered_models=RestRegisteredModels(session),
        model_versions=RestModelVersions(session),
        close=lambda: None,
    )
