"""Checks artifact locations and other addresses that callers send.

An ambiguous URI is refused, never corrected.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.domain import limits

OBJECT_STORES = ("s3", "gs", "abfss", "wasbs")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def check_artifact_location(uri: str) -> None:
    """Raise InvalidParameter unless ``uri`` is our proxy, an object store or an absolute folder, and is allowed."""
    if len(uri) > limits.MAX_ARTIFACT_LOCATION:
        raise InvalidParameter(
            f"'artifact_location' exceeds the maximum length of {limits.MAX_ARTIFACT_LOCATION} characters."
        )
    check_plain(uri, "artifact location")
    if not has_a_place(uri) or not is_allowed(uri):
        roots = ", ".join(settings.ALLOWED_ARTIFACT_ROOTS.get()) or "s3://… or an absolute folder"
        raise InvalidParameter(f"Invalid artifact location {uri!r}: this server accepts mlflow-artifacts:/…, {roots}.")


def is_allowed(uri: str) -> bool:
    """Whether the operator allows artifacts there: through the server, or below one of the allowed roots.

    If no roots are configured, folders and S3 are allowed. That is safe: the server has only its own S3 keys, and
    does not read folders outside its destination.
    """
    scheme, authority, _ = split_uri(uri)
    if scheme == "mlflow-artifacts":
        return not authority
    roots = settings.ALLOWED_ARTIFACT_ROOTS.get()
    if not roots:
        return scheme in {"", "file", "s3"}
    return any(uri == root.rstrip("/") or uri.startswith(f"{root.rstrip('/')}/") for root in roots)


def has_a_place(uri: str) -> bool:
    """Whether an address has a scheme that can hold artifacts, and names a bucket or a path."""
    scheme, authority, path = split_uri(uri)
    if scheme in OBJECT_STORES:
        return bool(authority)
    plain = path.startswith("/") and not path.startswith("//")
    return scheme in {"mlflow-artifacts", "", "file"} and not authority and plain


def check_plain(uri: str, what: str) -> None:
    """Refuse control characters, backslashes, queries, fragments and ``..``, even if percent-encoded."""
    decoded = uri
    for _ in range(4):
        if any(ord(c) < 32 or c in "\\?#\x7f" for c in decoded):
            raise InvalidParameter(
                f"Invalid {what} {uri!r}: control characters, backslashes, '?' and '#' are not allowed."
            )
        after_scheme = _SCHEME.sub("", decoded, count=1)
        if any(step in {".", ".."} for step in re.split(r"[/;]", after_scheme)):
            raise InvalidParameter(f"Invalid {what} {uri!r}: '.' and '..' are not allowed as steps of its path.")
        again = unquote(decoded)
        if again == decoded:
            return
        decoded = again
    raise InvalidParameter(f"Invalid {what} {uri!r}: it is encoded too many times.")


def split_uri(uri: str) -> tuple[str, str, str]:
    """The scheme, authority and path of a URI. Raises InvalidParameter."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise InvalidParameter(f"{uri!r} is not a valid address.") from None
    return parts.scheme.lower(), parts.netloc, parts.path
