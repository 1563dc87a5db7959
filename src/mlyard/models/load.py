"""Opening a model by any URI: its MLmodel file read, or its folder checked before a flavor loads it."""

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
    from typing_extensions import Self

__all__ = ["Model"]


def fetch(model_uri: str | Path, dst_path: str | Path | None = None, *, keep: bool = False) -> Path:
    """A model's folder on this machine: where it lies already, or a copy below ``dst_path``.

    Without ``dst_path``, the copy is removed when this process ends unless ``keep`` is set.
    Raises DoesNotExist, InvalidParameter.
    """
    folder = None if dst_path else local_folder(str(model_uri))
    if folder is not None and folder.exists():
        return folder  # no store is opened, or made, for it
    destination = Path(dst_path) if dst_path else None
    tracking, registry = open_backend(get_tracking_uri()), open_backend(get_registry_uri())
    return download(str(model_uri), tracking, registry, destination, keep=keep)


class Model(MLmodel, kw_only=True):
    """An MLmodel as users have it: ``load`` takes any URI of a model."""

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """From an MLmodel file, or the folder or URI of a model. Raises DoesNotExist, InvalidParameter."""
        place = fetch(str(path))
        found = read_mlmodel(place.parent if place.is_file() else place)
        return cls(**msgspec.structs.asdict(found))


def open_model(model_uri: str | Path, flavor: str, dst_path: str | Path | None = None) -> ModelFolder:
    """The folder of a model whose ``flavor`` is about to be loaded.

    Raises DoesNotExist, InvalidParameter when the model has no such flavor, DataLoss when its files are not
    those that were logged, PermissionDenied when loading would run code and that is forbidden here.
    """
    return open_folder(fetch(model_uri, dst_path), flavor)


def open_folder(path: Path, flavor: str) -> ModelFolder:
    """The same for a folder on this machine."""
    folder = ModelFolder(path)
    folder.entry(flavor)
    integrity.check(folder.path)
    safety.check(folder, flavor)
    bundled_code.make_importable(folder, flavor)
    return folder
