"""The only place that decides which artifact paths are valid. An invalid path is refused, never corrected.

A path is relative, POSIX, and plain: even after repeated percent-decoding it must stay below its root. Who only reads
may also write '.' and empty steps, as in ``./model/``, because they change nothing.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from mlyard.core.errors import InvalidParameter
from mlyard.core.unicode import check_unicode

MAX_PATH = 4096
_MAX_STEP = 255
_DRIVE = re.compile(r"[A-Za-z]:")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:/")
_DECODINGS = 4
_WITHOUT_CONTROLS = dict.fromkeys([*range(32), 127])


def check_path(path: str) -> str:
    """Return a plain path unchanged; '' is the root. Raises InvalidParameter for any other path."""
    if not path:
        return path
    if len(path) > MAX_PATH:
        raise InvalidParameter(f"Invalid path: it has {len(path)} characters; the limit is {MAX_PATH}.")
    check_unicode(path, f"Path {path[-100:]!a}")
    decoded = path
    if any(ord(character) < 32 or ord(character) == 127 for character in path):
        raise _refused(path, "it holds a control character")
    for _ in range(_DECODINGS):
        _check_once(path, decoded)
        # Replacing bytes that are not UTF-8 hides nothing: everything around them is still checked.
        again = unquote(decoded, errors="replace")
        if again == decoded:
            return path
        decoded = again
    raise _refused(path, "it is encoded too many times")


def check_file_path(path: str) -> str:
    """Like ``check_path``, but also refuses the root."""
    if not path:
        raise InvalidParameter("Invalid path: it is empty. The artifact root is not a file: name a file below it.")
    return check_path(path)


def path_to_read(path: str) -> str:
    """The plain path of what a reader asks for: ``./model/`` is ``model``, and ``.`` is the root.

    Raises InvalidParameter for what is not plain even then, such as ``/model`` and ``../model``.
    """
    if path.startswith("/"):
        return check_path(path)
    return check_path("/".join(step for step in path.split("/") if step not in {"", "."}))


def _check_once(path: str, decoded: str) -> None:
    if decoded.startswith("/") or _DRIVE.match(decoded) or _SCHEME.match(decoded):
        raise _refused(path, "it must be relative")
    if "\\" in decoded:
        raise _refused(path, "it holds a backslash; steps are separated by '/'")
    if "\0" in decoded:
        raise _refused(path, "it holds a NUL character")
    for step in decoded.translate(_WITHOUT_CONTROLS).split("/"):
        if step in {"", ".", ".."} or any(part in {".", ".."} for part in step.split(";")):
            raise _refused(path, "its steps must not be empty, '.' or '..'")
        if len(step.encode("utf-8", "surrogatepass")) > _MAX_STEP:
            raise _refused(path, f"a step is longer than {_MAX_STEP} bytes")


def _refused(path: str, why: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid path {path[:200]!r}: {why}.")
