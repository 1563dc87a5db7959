"""Checks artifact locations and other URIs that callers send.

An ambiguous URI is refused, never corrected.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.domain import limits
from mlyard.domain.uris import OBJECT_STORES, PROXIED, new_location, parse_location, path_below

_AUTHORITY = re.compile(r"[A-Za-z0-9._@:\-]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def checked_location(uri: str) -> str:
    """The location of a new experiment: our proxy, an object store or a folder, if the operator allows it.

    A relative path becomes absolute. Raises InvalidParameter.
    """
    if len(uri) > limits.MAX_ARTIFACT_LOCATION:
        raise InvalidParameter(
            f"'artifact_location' exceeds the maximum length of {limits.MAX_ARTIFACT_LOCATION} characters."
        )
    check_plain(uri, "artifact location")
    location = new_location(uri)
    if not has_a_place(location) or not is_allowed(location):
        raise InvalidParameter(f"Invalid artifact location {uri!r}: {allowed_locations()}.")
    return location


def allowed_locations() -> str:
    """What this server accepts as a location, for messages."""
    roots = settings.ALLOWED_ARTIFACT_ROOTS.get()
    if roots:
        return (
            f"this server accepts mlflow-artifacts:/… and what its setting MLYARD_ALLOWED_ARTIFACT_ROOTS lists, "
            f"{', '.join(roots)}"
        )
    return (
        "this server accepts mlflow-artifacts:/…, s3://… and folders. Its operator can allow other places, such as "
        f"{', '.join(f'{scheme}://…' for scheme in OBJECT_STORES[1:])}, with the setting MLYARD_ALLOWED_ARTIFACT_ROOTS"
    )


def is_allowed(uri: str) -> bool:
    """Whether the operator allows artifacts there: through the server, or below one of the allowed roots.

    If no roots are configured, folders and S3 are allowed. That is safe: the server has only its own S3 keys, and
    does not read folders outside its destination.
    """
    found = parse_location(uri)
    if found.scheme == PROXIED and not found.authority:
        return True
    roots = settings.ALLOWED_ARTIFACT_ROOTS.get()
    if not roots:
        return found.scheme in {"", "file", "s3"}
    return any(path_below(uri, root) is not None for root in roots)


def has_a_place(uri: str) -> bool:
    """Whether a URI names a place that can hold artifacts: a bucket, a server or an absolute path."""
    found = parse_location(uri)
    if found.authority:
        return found.scheme != "file" and _AUTHORITY.fullmatch(found.authority) is not None
    return found.scheme not in OBJECT_STORES and found.path.startswith("/") and not found.path.startswith("//")


def check_plain(uri: str, what: str) -> None:
    """Refuse control characters, backslashes, queries, fragments and ``..``, even if percent-encoded."""
    problem = ambiguity(uri)
    if problem:
        raise InvalidParameter(f"Invalid {what} {uri!r}: {problem}.")


def ambiguity(uri: str) -> str:
    """Why servers could read a URI in different ways; '' if they cannot."""
    decoded = uri
    for _ in range(4):
        if any(ord(c) < 32 or c in "\\?#\x7f" for c in decoded):
            return "control characters, backslashes, '?' and '#' are not allowed"
        after_scheme = _SCHEME.sub("", decoded, count=1)
        if any(step in {".", ".."} for step in re.split(r"[/;]", after_scheme)):
            return "'.' and '..' are not allowed as steps of its path"
        again = unquote(decoded)
        if again == decoded:
            return ""
        decoded = again
    return "it is encoded too many times"
