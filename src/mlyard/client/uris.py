"""Finds the files of a model URI or an artifact URI."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import msgspec

from mlyard.artifacts import manifest
from mlyard.artifacts.factory import artifact_store, local_folder
from mlyard.artifacts.paths import path_to_read
from mlyard.artifacts.transfer import download as fetch
from mlyard.client.backends import Backend
from mlyard.core import settings
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.temporary import temporary_folder
from mlyard.domain.uris import (
    check_exact,
    is_model_uri,
    is_run_uri,
    parent_and_name,
    parse_model_uri,
    parse_run_uri,
)
from mlyard.services.model_sources import separate_model
from mlyard.transport.session import Session


def locate(uri: str, tracking: Backend, registry: Backend) -> tuple[str, str]:
    """The root of the artifacts that ``uri`` is in, and the path below it. Raises InvalidParameter, DoesNotExist."""
    if is_run_uri(uri):
        return _of_run(uri, tracking)
    if is_model_uri(uri):
        return _of_model(uri, tracking, registry)
    check_exact(uri, "URI")
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
    parent, name = parent_and_name(root)
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
    store = artifact_store(root, session)
    known = dict(manifest.read(store))
    if path:
        inner = manifest.read(store, path)
        known |= {
            f"{path}/{name}": msgspec.structs.replace(entry, path=f"{path}/{name}") for name, entry in inner.items()
        }
    return known


def _of_run(uri: str, tracking: Backend) -> tuple[str, str]:
    found = parse_run_uri(uri)
    info = tracking.store.runs.get(found.run_id).info
    path = path_to_read(found.path)
    model = separate_model(tracking.store, info, path)
    if model is None:
        return info.artifact_uri, path
    return model.artifact_uri, path.partition("/")[2]


def _of_model(uri: str, tracking: Backend, registry: Backend) -> tuple[str, str]:
    found = parse_model_uri(uri)
    path = path_to_read(found.path)
    if found.model_id:
        return tracking.store.logged_models.get(found.model_id).artifact_uri, path
    location = registry.store.model_versions.download_uri(*version_of(uri, registry))
    if not (is_run_uri(location) or is_model_uri(location)):
        return location, path
    root, outer = locate(location, tracking, registry)
    return root, "/".join(step for step in (outer, path) if step)


def version_of(uri: str, registry: Backend) -> tuple[str, str]:
    """The name and the number of the version that a URI names. Raises InvalidParameter, DoesNotExist."""
    found = parse_model_uri(uri)
    if found.model_id:
        raise InvalidParameter(f"{uri!r} is a logged model, not a version of a registered model: register it first.")
    if found.alias:
        return found.name, registry.store.registered_models.get_by_alias(found.name, found.alias).version
    return found.name, found.version or _newest(uri, found.name, found.stage, registry)


def _newest(uri: str, name: str, stage: str, registry: Backend) -> str:
    stages = () if stage.lower() == "latest" else (stage,)
    found = registry.store.registered_models.latest_versions(name, stages)
    if not found:
        raise DoesNotExist(f"No version of the model {name!r} is in stage {stage!r}, as {uri!r} requires.")
    return max(found, key=lambda version: int(version.version)).version
