"""The fluent functions that log artifacts to the active run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mlyard.client.artifact_uris import download_artifacts
from mlyard.client.client import MlyardClient
from mlyard.client.fluent import target
from mlyard.client.fluent_experiments import active_experiment

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "delete_artifacts",
    "download_artifacts",
    "get_artifact_uri",
    "load_table",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_stream",
    "log_table",
    "log_text",
]


def log_artifact(local_path: str | Path, artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Upload a file or folder below ``artifact_path``."""
    client, run = target(run_id)
    client.log_artifact(run, local_path, artifact_path)


def log_artifacts(local_dir: str | Path, artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Upload what is in a folder below ``artifact_path``."""
    client, run = target(run_id)
    client.log_artifacts(run, local_dir, artifact_path)


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Write a text file, UTF-8."""
    client, run = target(run_id)
    client.log_text(run, text, artifact_file)


def log_dict(dictionary: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Write a dictionary as JSON, or as YAML by the file's ending."""
    client, run = target(run_id)
    client.log_dict(run, dictionary, artifact_file)


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Where the active run's artifacts lie, or one of them."""
    client, run_id = target()
    root = client.get_run(run_id).info.artifact_uri
    return f"{root}/{artifact_path.strip('/')}" if artifact_path else root


def log_image(
    image: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
    synchronous: bool | None = False,
) -> None:
    """Write an image as a file, or as a step of a key: see MlyardClient.log_image."""
    client, run_id = target()
    client.log_image(run_id, image, artifact_file, key, step, timestamp)


def log_figure(figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None) -> None:
    """Write a figure of matplotlib or plotly."""
    client, run_id = target()
    client.log_figure(run_id, figure, artifact_file, save_kwargs=save_kwargs)


def log_stream(stream: BinaryIO, artifact_file: str, run_id: str | None = None) -> None:
    """Write what a binary stream gives, in pieces."""
    client, run = target(run_id)
    client.log_stream(run, stream, artifact_file)


def log_table(data: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Write a table, or add rows to one."""
    client, run = target(run_id)
    client.log_table(run, data, artifact_file)


def load_table(
    artifact_file: str, run_ids: Sequence[str] | None = None, extra_columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """The tables of that name of the active experiment's runs: see MlyardClient.load_table."""
    client = MlyardClient()
    return client.load_table(active_experiment(client), artifact_file, run_ids, extra_columns)


def delete_artifacts(artifact_path: str, run_id: str | None = None) -> None:
    """Remove a file or a folder. Raises DoesNotExist."""
    client, run = target(run_id)
    client.delete_artifacts(run, artifact_path)
