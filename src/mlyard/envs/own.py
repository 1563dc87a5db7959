"""How mlyard itself gets into an environment: the version that runs here, from where it came."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlparse

from mlyard.core.version import __version__

_EXTRAS = "server"


def own_arguments() -> list[str]:
    """Arguments for ``uv pip install`` and ``pip install``."""
    checkout = source_folder()
    if checkout is None:
        return [f"mlyard[{_EXTRAS}]=={__version__}"]
    return ["--editable", f"{checkout}[{_EXTRAS}]"]


def own_digest() -> str:
    """Changes with what mlyard brings with it: its version, or what its checkout says of it."""
    checkout = source_folder()
    if checkout is None:
        return __version__
    return hashlib.sha256(str(checkout).encode() + (checkout / "pyproject.toml").read_bytes()).hexdigest()


def source_folder() -> Path | None:
    """The checkout that mlyard was installed from; None for one from an index (PEP 610)."""
    try:
        text = distribution("mlyard").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    url = urlparse(json.loads(text)["url"]) if text else None
    folder = Path(unquote(url.path)) if url and url.scheme == "file" else None
    return folder if folder and (folder / "pyproject.toml").is_file() else None
