"""Resolves a model URI to its MLmodel file, or to a checked local folder from which it can be loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mlyard.artifacts.factory import local_folder
from mlyard.client.backends import open_backend
from mlyard.client.tracking import get_registry_uri, get_tracking_uri
from mlyard.client.uris import download
from mlyard.models.format import bundled_code, integrity, safety
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.metadata import MLmodel, read_mlmodel

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Model"]


def fetch(model_uri: str | Path, dst_path: str | Path | None = None, *, keep: bool = False) -> Path:
    """A local folder with the model: the original if it is local, otherwise a copy below ``dst_path``.

    Without ``dst_path``, the copy is deleted when this process ends, unless ``keep`` is set.
    Raises DoesNotExist, InvalidParameter.
    """
    folder = None if dst_path else local_folder(str(model_uri))
    if folder is not None and folder.exists():
        return folder  # without opening, and perhaps creating, a store
    destination = Path(dst_path) if dst_path else None
    tracking, registry = open_backend(get_tracking_uri()), open_backend(get_registry_uri())
    return download(str(model_uri), tracking, registry, destination, keep=keep)


class Model(MLmodel, kw_only=True):
    """The content of an MLmodel file: flavors, signature and metadata of a model.

    Usually it is read with ``load``. A field is None if the file does not have it.

    Args:
        flavors: The entries by flavor: what each needs to load the model. Default: empty.
        artifact_path: The URI or path where the model was logged. Default: None.
        run_id: The run that logged the model. Default: None.
        model_id: The ID of the logged model. Default: None.
        model_uuid: The unique ID of the saved model. Default: None.
        model_size_bytes: The size of the model's files, in bytes. Default: None.
        mlflow_version: The version of MLflow whose format the model has. Default: the one that mlyard writes.
        utc_time_created: The time of saving, as ``YYYY-MM-DD HH:MM:SS.ffffff`` in UTC. Default: None.
        signature_text: The signature as the file contains it: a dict of schemas as JSON text. The property
            ``signature`` is the same as a ``ModelSignature``. Default: None.
        is_signature_from_type_hint: Whether the signature was made from type hints. Default: None.
        type_hint_from_example: Whether the type hint was made from the input example. Default: None.
        saved_input_example_info: How and where the input example is stored. Default: None.
        metadata: Metadata that the user saved with the model. Default: None.
        resources: The resources that the served model uses. Default: None.
        auth_policy: The authentication policy of the served model. Default: None.
        env_vars: Names of environment variables that the model needs. Default: None.
        prompts: URIs of the prompts that the model uses. Default: None.
        other: Keys of the file that mlyard does not know; they are kept unchanged. Default: empty.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.sklearn.save_model(model, "line", metadata={"team": "blue"})
        >>> content = mlyard.models.Model.load("line")
        >>> sorted(content.flavors), content.metadata
        (['python_function', 'sklearn'], {'team': 'blue'})
    """

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read the MLmodel file of a model.

        Args:
            path: The path of an MLmodel file, or the folder or URI of a model.

        Returns:
            The content of the file.

        Raises:
            DoesNotExist: There is no model at ``path``.
            InvalidParameter: The URI or the file is invalid.

        Example:
            >>> from sklearn.linear_model import LinearRegression
            >>> import mlyard
            >>> mlyard.sklearn.save_model(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "stored")
            >>> mlyard.models.Model.load("stored/MLmodel").flavors["python_function"]["loader_module"]
            'mlflow.sklearn'
        """
        place = fetch(str(path))
        found = read_mlmodel(place.parent if place.is_file() else place)
        return cls(**msgspec.structs.asdict(found))


def open_model(model_uri: str | Path, flavor: str, dst_path: str | Path | None = None) -> ModelFolder:
    """Fetch and check a model before one of its flavors is loaded.

    Raises DoesNotExist; InvalidParameter if the model does not have the flavor; DataLoss if a file has changed since
    it was logged; PermissionDenied if loading would run code and the settings forbid it.
    """
    return open_folder(fetch(model_uri, dst_path), flavor)


def open_folder(path: Path, flavor: str) -> ModelFolder:
    """Like ``open_model``, for a local folder."""
    folder = ModelFolder(path)
    folder.entry(flavor)
    integrity.check(folder.path)
    safety.check(folder, flavor)
    bundled_code.make_importable(folder, flavor)
    return folder
