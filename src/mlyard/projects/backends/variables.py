"""The environment variables that tell a process where its run is logged."""

from __future__ import annotations

from pathlib import Path

from mlyard.core import settings


def store_variables(tracking_uri: str) -> dict[str, str]:
    """Where runs and artifacts are kept, with absolute paths because the process runs in another folder."""
    destination = settings.ARTIFACTS_DESTINATION.get()
    artifacts = destination if "://" in destination else str(Path(destination).resolve())
    return _both({"TRACKING_URI": absolute(tracking_uri), "ARTIFACTS_DESTINATION": artifacts})


def command_variables(tracking_uri: str, run_id: str, experiment: str) -> dict[str, str]:
    """The variables of a project's command: where its run is kept, and which run it is."""
    return {**store_variables(tracking_uri), **_both({"RUN_ID": run_id, "EXPERIMENT_ID": experiment})}


def absolute(uri: str) -> str:
    """A tracking URI whose path, if it is one, is absolute."""
    if uri.startswith("sqlite:///") and not uri.startswith("sqlite:////"):
        return f"sqlite:///{Path(uri.removeprefix('sqlite:///')).resolve()}"
    return uri if "://" in uri else str(Path(uri).resolve())


def _both(values: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}_{name}": value for name, value in values.items() for prefix in ("MLYARD", "MLFLOW")}
