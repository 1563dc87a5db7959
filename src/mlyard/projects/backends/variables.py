"""The environment variables that tell a process where its run is logged."""

from __future__ import annotations

from mlyard.client.backends import fixed_uri
from mlyard.core import settings


def store_variables(tracking_uri: str) -> dict[str, str]:
    """Where runs and artifacts are kept, with absolute paths because the process runs in another folder."""
    destination = settings.ARTIFACTS_DESTINATION.get()
    return _both({"TRACKING_URI": fixed_uri(tracking_uri), "ARTIFACTS_DESTINATION": fixed_uri(destination)})


def command_variables(tracking_uri: str, run_id: str, experiment: str) -> dict[str, str]:
    """The variables of a project's command: where its run is kept, and which run it is."""
    return {**store_variables(tracking_uri), **_both({"RUN_ID": run_id, "EXPERIMENT_ID": experiment})}


def _both(values: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}_{name}": value for name, value in values.items() for prefix in ("MLYARD", "MLFLOW")}
