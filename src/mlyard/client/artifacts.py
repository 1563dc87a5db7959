"""Calls of the client about artifacts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mlyard.artifacts import manifest, transfer
from mlyard.artifacts.factory import artifact_store
from mlyard.artifacts.manifest import recorder_of
from mlyard.artifacts.paths import check_file_path, check_path
from mlyard.artifacts.transfer import upload
from mlyard.client import uris
from mlyard.client.backends import Backend
from mlyard.domain.artifacts import FileInfo
from mlyard.domain.logged_models import LoggedModel
from mlyard.ports.artifacts import ArtifactStore, Content


class ArtifactCalls:
    """Artifacts of runs and logged models."""

    _tracking: Backend
    _registry: Backend

    def log_artifact(self, run_id: str, local_path: str | Path, artifact_path: str | None = None) -> None:
        """Upload a file or folder below ``artifact_path``."""
        self._upload(run_id, Path(local_path), artifact_path)

    def log_artifacts(self, run_id: str, local_dir: str | Path, artifact_path: str | None = None) -> None:
        """Upload what is in a folder below ``artifact_path``."""
        self._upload(run_id, Path(local_dir), artifact_path)

    def log_text(self, run_id: str, text: str, artifact_file: str) -> None:
        """Write a text file, UTF-8."""
        self._put(run_id, artifact_file, text.encode())

    def log_dict(self, run_id: str, dictionary: Any, artifact_file: str) -> None:
        """Write a dictionary as JSON, or as YAML by the file's ending."""
        if artifact_file.endswith((".yml", ".yaml")):
            import yaml

            text = yaml.safe_dump(dictionary, sort_keys=False, allow_unicode=True)
        else:
            text = json.dumps(dictionary, indent=2, default=str)
        self.log_text(run_id, text, artifact_file)

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """The children of a folder; paths are relative to the run's artifacts."""
        return self._artifacts_of(run_id)[1].list(check_path(path or ""))

    def download_artifacts(self, run_id: str, path: str, dst_path: str | Path | None = None) -> str:
        """The local path of a file or folder, copied below ``dst_path`` when it is given."""
        destination = Path(dst_path) if dst_path else None
        uri = f"runs:/{run_id}/{path}" if path else self._tracking.store.runs.get(run_id).info.artifact_uri
        return str(uris.download(uri, self._tracking, self._registry, destination, keep=True))

    def upload_model(self, model: LoggedModel, local_dir: Path) -> None:
        """Upload a model's folder to where the logged model keeps its files."""
        uri = model.artifact_uri
        upload(artifact_store(uri, self._tracking.session), local_dir, "", recorder_of(uri))

    def delete_artifacts(self, run_id: str, artifact_path: str) -> None:
        """Remove a file or a folder. Raises DoesNotExist."""
        uri, store = self._artifacts_of(run_id)
        transfer.delete(store, artifact_path, recorder_of(uri))

    def verify_artifacts(self, run_id: str) -> dict[str, str]:
        """What became of each file of a run: see artifacts.transfer.verify."""
        _, store = self._artifacts_of(run_id)
        return transfer.verify(store, manifest.read(store))

    def _upload(self, run_id: str, local: Path, folder: str | None) -> None:
        plain = check_path(folder or "")
        uri, store = self._artifacts_of(run_id)
        upload(store, local, plain, recorder_of(uri))

    def _put(self, run_id: str, path: str, content: Content) -> None:
        plain = check_file_path(path)
        uri, store = self._artifacts_of(run_id)
        transfer.put(store, plain, content, recorder_of(uri))

    def _artifacts_of(self, run_id: str) -> tuple[str, ArtifactStore]:
        uri = self._tracking.store.runs.get(run_id).info.artifact_uri
        return uri, artifact_store(uri, self._tracking.session)
