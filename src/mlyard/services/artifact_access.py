"""Gives the server access to the artifacts of runs, models and versions.

The server writes below one root only, its artifacts destination. It reads there, in the object stores that experiments
name, and in the folder or at the server that its operator names as the root of new experiments. It can report another
folder as a location, but does not read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlyard.artifacts.factory import artifact_store, local_folder
from mlyard.artifacts.local import LocalArtifactStore
from mlyard.artifacts.locations import is_allowed
from mlyard.artifacts.paths import check_path, path_to_read
from mlyard.core.errors import InvalidParameter
from mlyard.domain.artifacts import FileInfo
from mlyard.domain.uris import OBJECT_STORES, PROXIED, Location, join, parse_location, path_below
from mlyard.ports.artifacts import ArtifactStore
from mlyard.ports.store import Store
from mlyard.services.model_sources import is_here
from mlyard.wire.routes import PROXY


@dataclass(frozen=True)
class Located:
    """A folder of artifacts: the store that holds it and its path there."""

    store: ArtifactStore
    path: str

    def child(self, path: str) -> str:
        """A path below this folder, as a reader writes it. Raises InvalidParameter when it is not plain."""
        return "/".join(part for part in (self.path, path_to_read(path)) if part)

    def list(self, path: str) -> list[FileInfo]:
        """The entries of a folder; their paths are relative to this one."""
        cut = len(self.path) + 1 if self.path else 0
        found = self.store.list(self.child(path))
        return [FileInfo(path=f.path[cut:], is_dir=f.is_dir, file_size=f.file_size) for f in found]


class ArtifactAccess:
    """Finds artifacts. ``destination`` is the folder or URI where this server keeps them.

    ``root`` is the folder or URI below which new experiments have their artifacts. It may be the address of a server's
    proxy of artifacts; ``is_own_root`` says whether that server is this one.
    """

    def __init__(self, destination: str, root: str = "", *, is_own_root: bool = False) -> None:
        self._destination = destination
        self._named = root if parse_location(root).authority else ""
        self._is_own = is_own_root
        folder = local_folder(destination)
        self._root = folder.resolve() if folder is not None else None
        self.proxied = LocalArtifactStore(self._root) if self._root else artifact_store(destination, None)
        named = local_folder(root) if root else None
        self._folders: dict[Path, ArtifactStore] = {}
        if named is not None:
            self._folders = dict.fromkeys((named.absolute(), named.resolve()), LocalArtifactStore(named))
        if self._root:
            self._folders[self._root] = self.proxied

    def locate(self, uri: str) -> Located:
        """The folder of a URI. Raises InvalidParameter when this server may not access it."""
        found = parse_location(uri)
        if found.scheme == PROXIED and not found.authority:
            return Located(self.proxied, check_path(found.path.strip("/")))
        if self._named and path_below(uri, self._named) is not None:
            return self._below_root(uri, found)
        if found.scheme in OBJECT_STORES and is_allowed(uri):
            return Located(artifact_store(uri, None), "")
        path = Path(found.path)
        for folder, store in self._folders.items() if found.scheme in {"", "file"} and not found.authority else ():
            if path.is_relative_to(folder):
                return Located(store, path_to_read(path.relative_to(folder).as_posix()))
        raise InvalidParameter(
            "These artifacts are outside this server's artifacts destination: read them with a client that can reach "
            "them."
        )

    def _below_root(self, uri: str, found: Location) -> Located:
        if self._is_own:
            return Located(self.proxied, check_path(found.path.rpartition(PROXY)[2].strip("/")))
        return Located(artifact_store(uri, None), "")

    def home(self, location: str) -> ArtifactStore:
        """The store below an experiment's location, without the server's restrictions. Raises InvalidParameter."""
        found = parse_location(location)
        if found.scheme != PROXIED or found.authority:
            return artifact_store(location, None)
        root = check_path(found.path.strip("/"))
        if self._root:
            return LocalArtifactStore(self._root / root)
        return artifact_store(join(self._destination, root) if root else self._destination, None)

    def of_run(self, store: Store, run_id: str) -> tuple[str, Located]:
        """A run's artifact URI and folder."""
        uri = store.runs.get(run_id).info.artifact_uri
        return uri, self.locate(uri)

    def of_logged_model(self, store: Store, model_id: str) -> tuple[str, Located]:
        """A logged model's artifact URI and folder."""
        uri = store.logged_models.get(model_id).artifact_uri
        return uri, self.locate(uri)

    def of_version(self, store: Store, name: str, version: str) -> Located:
        """A model version's folder. Raises InvalidParameter when its files are on another server."""
        uri = store.model_versions.download_uri(name, version)
        if parse_location(uri).scheme == PROXIED and not is_here(store, uri):
            raise InvalidParameter(
                f"The files of version {version} of the model {name!r} are on another tracking server, at {uri!r}: "
                "read them with a client of that server."
            )
        return self.locate(uri)
