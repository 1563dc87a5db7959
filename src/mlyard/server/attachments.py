"""The headers of downloads: attachments, which no browser runs in the UI's origin."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
# A token of RFC 9110, without the characters that RFC 6266 advises against.
_TOKEN = re.compile(r"[A-Za-z0-9!#$&+.^_`|~-]+")
_TEXT_NAMES = frozenset({"mlmodel", "mlproject"})
_TEXT_SUFFIXES = frozenset(
    {".cfg", ".conf", ".ini", ".ipynb", ".json", ".jsonl", ".log", ".toml", ".xml", ".yaml", ".yml"}
)


def attachment_headers(path: str) -> dict[str, str]:
    """The headers of a file, by its path."""
    name = path.rsplit("/", 1)[-1]
    return {
        **_SAFE,
        "Content-Type": _media_type(name),
        "Content-Disposition": disposition(name),
        "Accept-Ranges": "bytes",
    }


def disposition(name: str) -> str:
    """The header that gives a download its name (RFC 6266), for old clients in ASCII."""
    if _TOKEN.fullmatch(name):
        return f"attachment; filename={name}"
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'[\x00-\x1f\x7f"\\%]', "_", ascii_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _media_type(name: str) -> str:
    """Texts of any kind are plain texts, so that nothing runs them."""
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_text = name.lower() in _TEXT_NAMES or PurePosixPath(name).suffix.lower() in _TEXT_SUFFIXES
    return "text/plain" if is_text or guessed.startswith("text/") else guessed
