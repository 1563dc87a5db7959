"""``mlyard artifacts``: uploads and downloads files of runs and models."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

_RUN = click.option("-r", "--run-id", required=True, metavar="ID", help="Id of the run.")
_FOLDER = click.option("-a", "--artifact-path", metavar="PATH", help="Path within the run's artifacts.")


@click.group("artifacts")
def command() -> None:
    """Upload, list, download and verify artifacts. Uses the tracking URI in MLYARD_TRACKING_URI."""


@command.command("log")
@_RUN
@_FOLDER
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def log(run_id: str, artifact_path: str | None, paths: tuple[Path, ...]) -> None:
    """Upload files and the content of folders."""
    for path in paths:
        _client().log_artifact(run_id, path, artifact_path)


@command.command("log-artifact")
@click.option("-l", "--local-file", required=True, type=click.Path(exists=True, path_type=Path), help="File to upload.")
@_RUN
@_FOLDER
def log_artifact(local_file: Path, run_id: str, artifact_path: str | None) -> None:
    """Upload a file."""
    _client().log_artifact(run_id, local_file, artifact_path)


@command.command("log-artifacts")
@click.option(
    "-l", "--local-dir", required=True, type=click.Path(exists=True, path_type=Path), help="Folder to upload."
)
@_RUN
@_FOLDER
def log_artifacts(local_dir: Path, run_id: str, artifact_path: str | None) -> None:
    """Upload the content of a folder."""
    _client().log_artifacts(run_id, local_dir, artifact_path)


@command.command("list")
@_RUN
@_FOLDER
def list_(run_id: str, artifact_path: str | None) -> None:
    """List the files and folders in an artifact folder as JSON."""
    import json

    found = _client().list_artifacts(run_id, artifact_path)
    shown: list[dict[str, Any]] = [
        {"path": f.path, "is_dir": f.is_dir, **({} if f.is_dir else {"file_size": f.file_size})} for f in found
    ]
    click.echo(json.dumps(shown, indent=2))


@command.command("download")
@click.option("-r", "--run-id", metavar="ID", help="Id of the run.")
@_FOLDER
@click.option(
    "-u", "--artifact-uri", metavar="URI", help="URI or folder, used instead of a run: runs:/…, models:/…, s3://…"
)
@click.option("-d", "--dst-path", metavar="FOLDER", help="Target folder. [default: a temporary folder]")
def download(run_id: str | None, artifact_path: str | None, artifact_uri: str | None, dst_path: str | None) -> None:
    """Download a file or folder, and print its local path."""
    from mlyard.client.artifact_uris import download_artifacts

    click.echo(download_artifacts(artifact_uri, run_id, artifact_path, dst_path))


@command.command("delete")
@_RUN
@click.option("-a", "--artifact-path", required=True, metavar="PATH", help="File or folder to remove.")
def delete(run_id: str, artifact_path: str) -> None:
    """Remove an artifact file or folder of a run."""
    _client().delete_artifacts(run_id, artifact_path)


@command.command("verify")
@_RUN
def verify(run_id: str) -> None:
    """Compare a run's artifacts with the checksums that were logged with them.

    Prints artifacts that changed, are missing, or were logged by another client. Changed or missing artifacts make
    the exit status 1.
    """
    states = _client().verify_artifacts(run_id)
    for path, state in states.items():
        if state != "ok":
            click.echo(f"{state:<9} {path}")
    counts = Counter(states.values())
    kinds = ("ok", "changed", "missing", "unlisted")
    click.echo(f"{len(states)} artifacts: " + ", ".join(f"{counts[kind]} {kind}" for kind in kinds))
    if counts["changed"] or counts["missing"]:
        sys.exit(1)


def _client() -> Any:
    from mlyard.client.client import MlyardClient

    return MlyardClient()
