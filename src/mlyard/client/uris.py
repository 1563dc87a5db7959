"""Finds the files of a model URI or an artifact URI."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import msgspec

from mlyard.artifacts import manifest
from mlyard.artifacts.factory import artifact_store, local_folder
from mlyard.artifacts.paths import check_path
from mlyard.artifacts.transfer import download as fetch
from mlyard.client.backends import Backend
from mlyard.core import settings
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.temporary import temporary_folder
from mlyard.services.model_sources import separate_model
from mlyard.transport.session import Session


def locate(uri: str, tracking: Backend, registry: Backend) -> tuple[str, str]:
    """The root of the artifacts that ``uri`` is in, and the path below it. Raises InvalidParameter, DoesNotExist."""
    if uri.startswith("runs:/"):
        return _of_run(uri, tracking)
    if uri.startswith("models:/"):
        return _of_model(uri, tracking, registry)
    return uri, ""


def download(
    uri: str, tracking: Backend, registry: Backend, destination: Path | None = None, *, keep: bool = False
) -> Path:
    """The local path of a URI's files: where they are already, or a copy below ``destination``.

    Without a destination, a copy goes to a temporary folder, which is removed when this process ends unless ``keep``
    is set.
    """
    root, path = locate(uri, tracking, registry)
    folder = local_folder(root)
    if folder is not None and destination is None:
        place = folder / path if path else folder
        if not place.exists():
            raise DoesNotExist(f"There is nothing at {str(place)!r}, the local path of {uri!r}.")
        return place
    session = tracking.session or registry.session
    if destination is not None:
        return _copy(uri, root, path, session, destination)
    if not keep:
        return _copy(uri, root, path, session, temporary_folder())
    kept = Path(tempfile.mkdtemp(prefix="mlyard-"))
    try:
        return _copy(uri, root, path, session, kept)
    except BaseException:
        shutil.rmtree(kept, ignore_errors=True)
        raise


def _copy(uri: str, root: str, path: str, session: Session | None, target: Path) -> Path:
    try:
        return _fetch(root, path, session, target)
    except DoesNotExist:
        pass
    parent, _, name = root.rstrip("/").rpartition("/")
    try:
        if not path and name:  # the URI may be that of a single file
            return _fetch(parent, name, session, target)
    except (DoesNotExist, InvalidParameter):
        pass
    raise DoesNotExist(f"There is nothing at {uri!r} (looked in {root!r}).")


def _fetch(root: str, path: str, session: Session | None, target: Path) -> Path:
    store = artifact_store(root, session)
    return fetch(store, path, target, _entries(root, path, session) if settings.VERIFY_ARTIFACTS.get() else {})


def _entries(root: str, path: str, session: Session | None) -> dict[str, manifest.Entry]:
    """The files' entries in the manifest of the root, and in that of ``path``, where a model may have its own."""
    known = dict(manifest.read(artifact_store(root, session)))
    if path:
        inner = manifest.read(artifact_store(f"{root.rstrip('/')}/{path}", session))
        known |= {
            f"{path}/{name}": msgspec.structs.replace(entry, path=f"{path}/{name}") for name, entry in inner.items()
        }
    return known


def _of_run(uri: str, tracking: Backend) -> tuple[str, str]:
    run_id, _, path = uri[len("runs:/") :].strip("/").partition("/")
    if not run_id:
        raise InvalidParameter(f"Invalid URI {uri!r}: write runs:/<run id>/<path>.")
    info = tracking.store.runs.get(run_id).info
    check_path(path)
    model = separate_model(tracking.store, info, path)
    if model is None:
        return info.artifact_uri, path
    return model.artifact_uri, path.partition("/")[2]


def _of_model(uri: str, tracking: Backend, registry: Backend) -> tuple[str, str]:
    rest = uri[len("models:/") :].strip("/")
    name, _, version = rest.partition("/")
    if name.startswith("m-") and len(name) == 34:
        return tracking.store.logged_models.get(name).artifact_uri, version
    store = registry.store
    if "@" in name and not version:
        name, _, alias = name.rpartition("@")
        version = store.registered_models.get_by_alias(name, alias).version
    if not version:
        raise InvalidParameter(
            f"Invalid model URI {uri!r}: write models:/<name>/<version or stage>, models:/<name>@<alias> or "
            "models:/m-<id>."
        )
    if not version.isdigit():
        version = _newest(uri, name, version, registry)
    location = store.model_versions.download_uri(name, version)
    return locate(location, tracking, registry)


def _newest(uri: str, name: str, stage: str, registry: Backend) -> str:
    stages = () if stage.lower() == "latest" else (stage,)
    found = registry.store.registered_models.latest_versions(name, stages)
    if not found:
        raise DoesNotExist(f"No version of the model {name!r} is in stage {stage!r}, as {uri!r} requires.")
    return max(found, key=lambda version: int(version.version)).version
