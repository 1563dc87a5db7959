"""A store on a tracking server."""

from __future__ import annotations

from dataclasses import dataclass

from mlyard.ports.store import Store
from mlyard.stores.rest.experiments import RestExperiments
from mlyard.stores.rest.logged_models import RestLoggedModels
from mlyard.stores.rest.metrics import RestMetrics
from mlyard.stores.rest.model_versions import RestModelVersions
from mlyard.stores.rest.registered_models import RestRegisteredModels
from mlyard.stores.rest.runs import RestRuns
from mlyard.transport.session import Session


@dataclass(frozen=True)
class RestStore(Store):
    """The ports of a server; ``session`` calls it, and artifacts go through it too."""

    session: Session


def open_address(uri: str, artifact_root: str) -> RestStore:  # noqa: ARG001 - the server has a root of its own
    """The store that is a server at an address."""
    return open_rest_store(Session(uri))


def open_rest_store(session: Session) -> RestStore:
    """The ports of the server that the session calls."""
    return RestStore(
        experiments=RestExperiments(session),
        runs=RestRuns(session),
        metrics=RestMetrics(session),
        logged_models=RestLoggedModels(session),
        registered_models=RestRegisteredModels(session),
        model_versions=RestModelVersions(session),
        close=lambda: None,
        session=session,
    )
