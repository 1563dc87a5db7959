"""Installs mlyard itself into an environment: the running version, from the place it was installed from."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlparse

from mlyard.core.version import __version__

_EXTRAS = "server"


def own_arguments(extras: str = _EXTRAS) -> list[str]:
    """Arguments of ``uv pip install`` and ``pip install`` that install mlyard."""
    origin = _origin()
    if origin is None:
        return [f"mlyard[{extras}]=={__version__}"]
    if origin.is_dir():
        return ["--editable", f"{origin}[{extras}]"]
    return [f"mlyard[{extras}] @ {origin.as_uri()}"]


def own_line(extras: str) -> str:
    """The same as a line of a requirements file."""
    return " ".join(own_arguments(extras))


def own_digest() -> str:
    """A digest of mlyard's version, its wheel, or the pyproject.toml of its checkout."""
    origin = _origin()
    if origin is None:
        return __version__
    content = origin / "pyproject.toml" if origin.is_dir() else origin
    return hashlib.sha256(str(origin).encode() + content.read_bytes()).hexdigest()


def own_wheel() -> Path | None:
    """The wheel that mlyard was installed from, if it still exists."""
    origin = _origin()
    return origin if origin and origin.is_file() else None


def own_checkout() -> Path | None:
    """The checkout that mlyard was installed from, if any."""
    origin = _origin()
    return origin if origin and origin.is_dir() else None


def _origin() -> Path | None:
    """The local checkout or wheel that mlyard was installed from (PEP 610); None if it came from an index."""
    try:
        text = distribution("mlyard").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    url = urlparse(json.loads(text)["url"]) if text else None
    place = Path(unquote(url.path)) if url and url.scheme == "file" else None
    return (
        place
        if place and ((place / "pyproject.toml").is_file() or (place.suffix == ".whl" and place.is_file()))
        else None
    )
