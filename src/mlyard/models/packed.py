"""Packs a model's folder into one archive, which each machine of a cluster receives and unpacks once."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import tempfile
import zipfile
from pathlib import Path

import msgspec

from mlyard.models.pyfunc import PyFuncModel, load_folder

_loaded: dict[str, PyFuncModel] = {}


class Packed(msgspec.Struct, frozen=True):
    """A zip archive, and the SHA-256 digest of its bytes."""

    archive: bytes
    digest: str


def pack(folder: Path) -> Packed:
    """Pack a folder into an archive. The same files always result in the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            archive.writestr(zipfile.ZipInfo(file.relative_to(folder).as_posix()), file.read_bytes())
    packed = buffer.getvalue()
    return Packed(packed, hashlib.sha256(packed).hexdigest())


def unpack(packed: Packed) -> Path:
    """Unpack the archive into a folder of this user, shared by all processes on this machine."""
    root = _root()
    place = root / packed.digest
    with (root / f"{place.name}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.is_dir():
            partial = Path(tempfile.mkdtemp(dir=root))
            with zipfile.ZipFile(io.BytesIO(packed.archive)) as archive:
                archive.extractall(partial)
            partial.rename(place)
    return place


def _root() -> Path:
    """A folder that only this user can write to; a folder created by another user is not used."""
    root = Path(tempfile.gettempdir(), f"mlyard-models-{os.getuid()}")
    root.mkdir(mode=0o700, exist_ok=True)
    found = root.lstat()
    if root.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        return Path(tempfile.mkdtemp(prefix="mlyard-models-"))
    return root


def load_packed(packed: Packed) -> PyFuncModel:
    """Load the model in an archive, once per process."""
    if packed.digest not in _loaded:
        _loaded[packed.digest] = load_folder(unpack(packed))
    return _loaded[packed.digest]
