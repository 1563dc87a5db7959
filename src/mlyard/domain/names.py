"""Rules for names and values. Each check raises InvalidParameter with the offending value."""

from __future__ import annotations

import posixpath
import re

from mlyard.core.errors import InvalidParameter
from mlyard.core.unicode import check_unicode
from mlyard.domain import limits

_KEY = re.compile(r"[\w\-. :/]*")
_RUN_ID = re.compile(r"[a-zA-Z0-9][\w\-]{0,255}")
_ALIAS = re.compile(r"[\w\-]+")
_NO_MODEL_NAME = re.compile(r"[/:.%\"']")
_INT64 = 2**63
LATEST = "latest"  # stands for the newest version where an alias is read
_VERSION_LIKE = re.compile(r"v\d+", re.IGNORECASE)
STAGES = ("None", "Staging", "Production", "Archived")


def check_key(key: str, what: str, field: str) -> None:
    """Check a metric, param or tag key. ``what`` and ``field`` are for the message ('Metric name', 'name')."""
    if not key:
        raise InvalidParameter(f"{what} cannot be empty.")
    check_unicode(key, what)
    if len(key) > limits.MAX_KEY:
        raise InvalidParameter(f"'{what}' exceeds the maximum length of {limits.MAX_KEY} characters: {key[:60]!r}…")
    if not _KEY.fullmatch(key):
        raise InvalidParameter(
            f"Invalid value \"{key}\" for parameter '{field}' supplied: Names may only contain alphanumerics, "
            "underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/)."
        )
    check_path_like(key, field)


def check_path_like(key: str, field: str) -> None:
    """Check that a key is a plain relative path: others may use keys as file names."""
    plain = posixpath.normpath(key)
    if plain != key or plain == "." or plain.startswith(("..", "/")):
        raise InvalidParameter(
            f"Invalid value \"{key}\" for parameter '{field}' supplied: Names may be treated as files in certain "
            f"cases, and must not resolve to other names when treated as such. This name would resolve to '{plain}'"
        )


def check_length(value: str, limit: int, what: str) -> None:
    """Check that a value has at most ``limit`` characters, is valid Unicode, and has no NUL (for PostgreSQL)."""
    if len(value) > limit:
        raise InvalidParameter(f"'{what}' exceeds the maximum length of {limit} characters: it has {len(value)}.")
    check_unicode(value, what)
    if "\0" in value:
        raise InvalidParameter(f"'{what}' contains a NUL character, which cannot be stored.")


def check_experiment_name(name: str) -> None:
    """Check that a name has 1 to 500 characters."""
    if not name.strip():
        raise InvalidParameter("Invalid experiment name: ''. Experiment name cannot be empty.")
    check_length(name, limits.MAX_NAME, "Experiment name")


def check_run_id(run_id: str) -> None:
    """Check the form of a run id."""
    if not _RUN_ID.fullmatch(run_id):
        raise InvalidParameter(f"Invalid run ID: {run_id!r}")


def check_model_name(name: str) -> None:
    """Check the name of a registered model: not empty, without ``/`` and ``:``, not ``.`` or ``..``."""
    if not name.strip() or name in {".", ".."}:
        raise InvalidParameter("Registered model name cannot be empty, '.' or '..'.")
    if "/" in name or ":" in name:
        raise InvalidParameter(f"Invalid model name '{name}'. Names cannot contain '/' or ':'.")
    check_length(name, limits.MAX_REGISTRY_NAME, "Registered model name")


def check_logged_model_name(name: str) -> None:
    """Check the name of a logged model. It is part of URIs, so some characters are not allowed."""
    if _NO_MODEL_NAME.search(name):
        raise InvalidParameter(
            f"Invalid model name ({name!r}) provided. Model name must be a non-empty string and cannot contain "
            "the following characters: / : . % \" '"
        )
    check_length(name, limits.MAX_NAME, "Model name")


def check_alias(alias: str) -> None:
    """Check an alias: letters, digits, underscores and dashes; not ``latest``, nor like a version (``v1``)."""
    if not _ALIAS.fullmatch(alias) or len(alias) > limits.MAX_ALIAS:
        raise InvalidParameter(
            f"Invalid alias name: {alias!r}. Use up to {limits.MAX_ALIAS} letters, digits, underscores and dashes."
        )
    if alias.lower() == LATEST or _VERSION_LIKE.fullmatch(alias):
        raise InvalidParameter(f"Invalid alias name: {alias!r} is reserved for model versions.")


def canonical_stage(stage: str) -> str:
    """The stage in its usual spelling. As in MLflow, case does not matter in the input."""
    for known in STAGES:
        if stage.lower() == known.lower():
            return known
    raise InvalidParameter(
        f"Invalid Model Version stage: {stage}. Value must be one of None, Staging, Production, Archived."
    )


def parse_version(version: str | int) -> int:
    """The number of a model version, given as text or as a number."""
    text = str(version)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidParameter(f"Parameter 'version' must be an integer, got '{version}'.")
    return int(text)


def check_int64(number: int | None, what: str) -> None:
    """Raise InvalidParameter for a number that databases cannot store."""
    if number is not None and not -_INT64 <= number < _INT64:
        raise InvalidParameter(f"The {what} {number} does not fit in 64 bits.")
