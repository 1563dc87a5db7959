"""The client's calls about artifacts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mlyard.artifacts import manifest, transfer
from mlyard.artifacts.factory import artifact_store
from mlyard.artifacts.manifest import recorder_of
from mlyard.artifacts.paths import check_file_path, check_path, path_to_read
from mlyard.artifacts.transfer import upload
from mlyard.client import uris
from mlyard.client.backends import Backend
from mlyard.core.unicode import check_unicode
from mlyard.domain.artifacts import FileInfo, check_not_reserved
from mlyard.domain.logged_models import LoggedModel
from mlyard.domain.uris import RunUri
from mlyard.ports.artifacts import ArtifactStore, Content


class ArtifactCalls:
    """Calls about artifacts of runs and logged models."""

    _tracking: Backend
    _registry: Backend

    def log_artifact(self, run_id: str, local_path: str | Path, artifact_path: str | None = None) -> None:
        """Upload a file, or the content of a folder, to the artifacts of a run.

        Args:
            run_id: Run to log to.
            local_path: File or folder on this machine.
            artifact_path: Folder in the run's artifacts to upload to. Default: their root.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: There is nothing at ``local_path``, or ``artifact_path`` is not valid.

        Example:
            >>> from pathlib import Path
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = Path("notes.txt").write_text("hello")
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_artifact(run_id, "notes.txt", "docs")
            >>> [file.path for file in client.list_artifacts(run_id, "docs")]
            ['docs/notes.txt']
        """
        self._upload(run_id, Path(local_path), artifact_path)

    def log_artifacts(self, run_id: str, local_dir: str | Path, artifact_path: str | None = None) -> None:
        """Upload the content of a folder to the artifacts of a run.

        Args:
            run_id: Run to log to.
            local_dir: Folder on this machine. Links that lead out of it are not followed.
            artifact_path: Folder in the run's artifacts to upload to. Default: their root.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: There is nothing at ``local_dir``, or ``artifact_path`` is not valid.

        Example:
            >>> from pathlib import Path
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> Path("plots").mkdir()
            >>> _ = Path("plots/loss.csv").write_text("step,loss")
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_artifacts(run_id, "plots", "plots")
            >>> [file.path for file in client.list_artifacts(run_id, "plots")]
            ['plots/loss.csv']
        """
        self._upload(run_id, Path(local_dir), artifact_path)

    def log_text(self, run_id: str, text: str, artifact_file: str) -> None:
        """Write a text as an artifact, in UTF-8.

        Args:
            run_id: Run to log to.
            text: Content of the file.
            artifact_file: Path of the file in the run's artifacts; an existing file is replaced.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The path is not valid.

        Example:
            >>> import mlyard
            >>> client = mlyard.MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_text(run_id, "hello", "notes/hello.txt")
            >>> mlyard.artifacts.load_text(f"runs:/{run_id}/notes/hello.txt")
            'hello'
        """
        check_unicode(text, f"Text for {artifact_file}")
        self._put(run_id, artifact_file, text.encode())

    def log_dict(self, run_id: str, dictionary: Any, artifact_file: str) -> None:
        """Write a dictionary as a JSON or YAML artifact.

        Args:
            run_id: Run to log to.
            dictionary: Content of the file. For JSON, values of other types are written as their ``str()``.
            artifact_file: Path of the file in the run's artifacts: YAML if it ends in ``.yml`` or ``.yaml``, else JSON.
                An existing file is replaced.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The path is not valid.

        Example:
            >>> import mlyard
            >>> client = mlyard.MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_dict(run_id, {"alpha": 0.5}, "settings.json")
            >>> mlyard.artifacts.load_dict(f"runs:/{run_id}/settings.json")
            {'alpha': 0.5}
        """
        if artifact_file.endswith((".yml", ".yaml")):
            import yaml

            text = yaml.safe_dump(dictionary, sort_keys=False, allow_unicode=True)
        else:
            text = json.dumps(dictionary, indent=2, default=str)
        self.log_text(run_id, text, artifact_file)

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """List the files and folders directly in a folder of a run's artifacts.

        Args:
            run_id: Id of the run.
            path: Path of the folder in the run's artifacts. Default: their root.

        Returns:
            One entry per file or folder: its path in the run's artifacts, whether it is a folder, and its size in
            bytes. Empty if the folder does not exist.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The path is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_text(run_id, "hello", "notes/hello.txt")
            >>> [(file.path, file.is_dir) for file in client.list_artifacts(run_id)]
            [('notes', True)]
        """
        return self._artifacts_of(run_id)[1].list(path_to_read(path or ""))

    def download_artifacts(self, run_id: str, path: str, dst_path: str | Path | None = None) -> str:
        """Return the local path of a run's artifact, which is downloaded if it is not on this machine.

        Args:
            run_id: Id of the run.
            path: Path of the file or folder in the run's artifacts; ``''`` means all of them.
            dst_path: Folder to copy to; it is created if it does not exist. Default: no copy of local artifacts, a new
                temporary folder for others.

        Returns:
            The path of the file or folder.

        Raises:
            DoesNotExist: There is no such artifact, or no run has this id.
            InvalidParameter: The path is not valid.
            DataLoss: A downloaded file differs from the file that was logged.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_text(run_id, "hello", "notes/hello.txt")
            >>> client.download_artifacts(run_id, "notes/hello.txt", "copies")
            'copies/notes/hello.txt'
        """
        destination = Path(dst_path) if dst_path else None
        uri = str(RunUri(run_id, path)) if path else self._tracking.store.runs.get(run_id).info.artifact_uri
        return str(uris.download(uri, self._tracking, self._registry, destination, keep=True))

    def upload_model(self, model: LoggedModel, local_dir: Path) -> None:
        """Upload the folder of a saved model to where a logged model stores its files.

        Args:
            model: The logged model.
            local_dir: Folder on this machine.

        Raises:
            InvalidParameter: There is nothing at ``local_dir``.

        Example:
            >>> from pathlib import Path
            >>> import mlyard
            >>> client = mlyard.MlyardClient()
            >>> Path("saved").mkdir()
            >>> _ = Path("saved/weights.txt").write_text("1 2 3")
            >>> model = client.create_logged_model("0", "line")
            >>> client.upload_model(model, Path("saved"))
            >>> mlyard.artifacts.load_text(f"{model.model_uri}/weights.txt")
            '1 2 3'
        """
        uri = model.artifact_uri
        upload(artifact_store(uri, self._tracking.session), local_dir, "", recorder_of(uri))

    def delete_artifacts(self, run_id: str, artifact_path: str) -> None:
        """Remove a file or a folder from the artifacts of a run.

        Args:
            run_id: Id of the run.
            artifact_path: Path of the file or folder in the run's artifacts.

        Raises:
            DoesNotExist: There is no such artifact, or no run has this id.
            InvalidParameter: The path is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_text(run_id, "hello", "hello.txt")
            >>> client.delete_artifacts(run_id, "hello.txt")
            >>> client.list_artifacts(run_id)
            []
        """
        uri, store = self._artifacts_of(run_id)
        transfer.delete(store, artifact_path, recorder_of(uri))

    def verify_artifacts(self, run_id: str) -> dict[str, str]:
        """Compare the artifacts of a run with the checksums that were recorded when they were logged.

        Args:
            run_id: Id of the run.

        Returns:
            For each path ``"ok"``, ``"changed"``, ``"missing"``, or ``"unlisted"`` for a file without a recorded
            checksum, such as one that another client logged.

        Raises:
            DoesNotExist: No run has this id.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_text(run_id, "hello", "hello.txt")
            >>> client.verify_artifacts(run_id)
            {'hello.txt': 'ok'}
        """
        _, store = self._artifacts_of(run_id)
        return transfer.verify(store, manifest.read(store))

    def _upload(self, run_id: str, local: Path, folder: str | None) -> None:
        plain = check_path(folder or "")
        check_not_reserved(f"{plain}/{local.name}" if local.is_file() else plain)
        uri, store = self._artifacts_of(run_id)
        upload(store, local, plain, recorder_of(uri))

    def _put(self, run_id: str, path: str, content: Content) -> None:
        plain = check_file_path(path)
        check_not_reserved(plain)
        uri, store = self._artifacts_of(run_id)
        transfer.put(store, plain, content, recorder_of(uri))

    def _artifacts_of(self, run_id: str) -> tuple[str, ArtifactStore]:
        uri = self._tracking.store.runs.get(run_id).info.artifact_uri
        return uri, artifact_store(uri, self._tracking.session)
