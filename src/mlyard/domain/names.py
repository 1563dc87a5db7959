"""Which names and values are allowed. Each check raises InvalidParameter and names the culprit."""

from __future__ import annotations

import posixpath
import re

from mlyard.core.errors import InvalidParameter
from mlyard.domain import limits

_KEY = re.compile(r"[\w\-. :/]*")
_RUN_ID = re.compile(r"[a-zA-Z0-9][\w\-]{0,255}")
_ALIAS = re.compile(r"[\w\-]+")
_NO_MODEL_NAME = re.compile(r"[/:.%\"']")
_VERSION_LIKE = re.compile(r"v\d+", re.IGNORECASE)
STAGES = ("None", "Staging", "Production", "Archived")


def check_key(key: str, what: str, field: str) -> None:
    """A metric, param or tag key. ``what`` and ``field`` are for the message ('Metric name', 'name')."""
    if not key:
        raise InvalidParameter(f"{what} cannot be empty.")
    if len(key) > limits.MAX_KEY:
        raise InvalidParameter(f"'{what}' exceeds the maximum length of {limits.MAX_KEY} characters: {key[:60]!r}…")
    if not _KEY.fullmatch(key):
        raise InvalidParameter(
            f"Invalid value \"{key}\" for parameter '{field}' supplied: Names may only contain alphanumerics, "
            "underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/)."
        )
    check_path_like(key, field)


def check_path_like(key: str, field: str) -> None:
    """Keys may be used as file names elsewhere, so they must be plain relative paths."""
    plain = posixpath.normpath(key)
    if plain != key or plain == "." or plain.startswith(("..", "/")):
        raise InvalidParameter(
            f"Invalid value \"{key}\" for parameter '{field}' supplied: Names may be treated as files in certain "
            f"cases, and must not resolve to other names when treated as such. This name would resolve to '{plain}'"
        )


def check_length(value: str, limit: int, what: str) -> None:
    """A value of at most ``limit`` characters, without NUL (which PostgreSQL cannot hold)."""
    if len(value) > limit:
        raise InvalidParameter(f"'{what}' exceeds the maximum length of {limit} characters: it has {len(value)}.")
    if "\0" in value:
        raise InvalidParameter(f"'{what}' holds a NUL character, which no database can store.")


def check_experiment_name(name: str) -> None:
    """1 to 500 characters."""
    if not name.strip():
        raise InvalidParameter("Invalid experiment name: ''. Experiment name cannot be empty.")
    check_length(name, limits.MAX_NAME, "Experiment name")


def check_run_id(run_id: str) -> None:
    """A run id that can be stored; every other id names no run."""
    if not _RUN_ID.fullmatch(run_id):
        raise InvalidParameter(f"Invalid run ID: {run_id!r}")


def check_model_name(name: str) -> None:
    """A registered model's name: not empty, no ``/`` and no ``:``, not a path step."""
    if not name.strip() or name in {".", ".."}:
        raise InvalidParameter("Registered model name cannot be empty, '.' or '..'.")
    if "/" in name or ":" in name:
        raise InvalidParameter(f"Invalid model name '{name}'. Names cannot contain '/' or ':'.")
    check_length(name, limits.MAX_REGISTRY_NAME, "Registered model name")


def check_logged_model_name(name: str) -> None:
    """A logged model's name: it is part of URIs, so some characters are not allowed in it."""
    if _NO_MODEL_NAME.search(name):
        raise InvalidParameter(
            f"Invalid model name ({name!r}) provided. Model name must be a non-empty string and cannot contain "
            "the following characters: / : . % \" '"
        )
    check_length(name, limits.MAX_NAME, "Model name")


def check_alias(alias: str) -> None:
    """A model alias: word characters and dashes; not ``latest``, not like a version (``v1``)."""
    if not _ALIAS.fullmatch(alias) or len(alias) > limits.MAX_ALIAS:
        raise InvalidParameter(
            f"Invalid alias name: {alias!r}. Use up to {limits.MAX_ALIAS} letters, digits, underscores and dashes."
        )
    if alias.lower() == "latest" or _VERSION_LIKE.fullmatch(alias):
        raise InvalidParameter(f"Invalid alias name: {alias!r} is reserved for model versions.")


def canonical_stage(stage: str) -> str:
    """The stage in its own spelling: MLflow reads stages without regard to case."""
    for known in STAGES:
        if stage.lower() == known.lower():
            return known
    raise InvalidParameter(
        f"Invalid Model Version stage: {stage}. Value must be one of None, Staging, Production, Archived."
    )


def parse_version(version: str | int) -> int:
    """A model version's number, given as text or as a number."""
    text = str(version)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidParameter(f"Parameter 'version' must be an integer, got '{version}'.")
    return int(text)
