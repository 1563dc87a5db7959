"""Artifacts of runs, models and versions, as the server may reach them.

The server reaches one root: its artifacts destination. What lies elsewhere (an object store, another
machine's folder) it names but does not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlyard.artifacts.local import LocalArtifactStore
from mlyard.artifacts.paths import check_path
from mlyard.core.errors import InvalidParameter
from mlyard.domain.artifacts import FileInfo
from mlyard.ports.artifacts import ArtifactStore
from mlyard.ports.store import Store


@dataclass(frozen=True)
class Located:
    """A folder of artifacts: the store that holds it and its path there."""

    store: ArtifactStore
    path: str

    def child(self, path: str) -> str:
        """A path below this folder. Raises InvalidParameter when it is not plain."""
        plain = check_path(path) if path else ""
        return "/".join(part for part in (self.path, plain) if part)

    def list(self, path: str) -> list[FileInfo]:
        """Children of a folder, their paths relative to this one."""
        cut = len(self.path) + 1 if self.path else 0
        found = self.store.list(self.child(path))
        return [FileInfo(path=f.path[cut:], is_dir=f.is_dir, file_size=f.file_size) for f in found]


class ArtifactAccess:
    """Finds artifacts below the server's destination folder."""

    def __init__(self, destination: Path) -> None:
        self._root = destination.resolve()
        self.proxied = LocalArtifactStore(self._root)

    def locate(self, uri: str) -> Located:
        """The folder that a URI stands for. Raises InvalidParameter when it is out of reach."""
        parts = urlsplit(uri)
        if parts.scheme == "mlflow-artifacts" and not parts.netloc:
            return Located(self.proxied, check_path(parts.path.strip("/")))
        if parts.scheme in {"", "file"} and not parts.netloc:
            path = Path(unquote(parts.path) if parts.scheme else uri)
            if path.is_absolute() and path.is_relative_to(self._root):
                return Located(self.proxied, check_path(path.relative_to(self._root).as_posix()))
        raise InvalidParameter(
            f"The artifacts at {uri!r} are outside this server's artifacts destination: read them with a client "
            "that can reach them."
        )

    def of_run(self, store: Store, run_id: str) -> tuple[str, Located]:
        """A run's artifact URI and folder."""
        uri = store.runs.get(run_id).info.artifact_uri
        return uri, self.locate(uri)

    def of_logged_model(self, store: Store, model_id: str) -> tuple[str, Located]:
        """A logged model's artifact URI and folder."""
        uri = store.logged_models.get(model_id).artifact_uri
        return uri, self.locate(uri)

    def of_version(self, store: Store, name: str, version: str) -> Located:
        """A model version's folder."""
        return self.locate(store.model_versions.download_uri(name, version))
