"""Reads the config of a backend: a mapping, JSON, or the name of a JSON or YAML file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.core.yaml_files import read_mapping

T = TypeVar("T", bound=msgspec.Struct)
_Positive = Annotated[float, msgspec.Meta(gt=0)]


class Waiting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What can be configured for every backend whose jobs wait in a queue.

    ``poll_seconds``: the time between two questions about the job's state. ``patience_seconds``: how long the backend
    may be unreachable until the run counts as failed. ``start_seconds``: how long the job may wait for its start; None:
    for ever. ``tracking_uri``: where the job finds the tracking store, if that is not the address that this machine
    uses; ``"environment"`` means that the job's own environment sets it. ``python``: the interpreter that has mlyard.
    """

    poll_seconds: _Positive = 5.0
    patience_seconds: _Positive = 300.0
    start_seconds: _Positive | None = None
    tracking_uri: str | None = None
    python: str | None = None


def read_config(given: Mapping[str, Any] | str | Path | None) -> dict[str, Any]:
    """The config that a caller passes. Raises InvalidParameter."""
    if isinstance(given, str) and given.lstrip().startswith("{"):
        return _from_json(given)
    return dict(read_mapping(given, "backend config")) if given is not None else {}


def typed(config: Mapping[str, Any], kind: type[T], backend: str) -> T:
    """The config as the struct of a backend. Raises InvalidParameter that lists the known keys."""
    try:
        return msgspec.convert(dict(config), kind)
    except msgspec.ValidationError as error:
        known = ", ".join(field.encode_name for field in msgspec.structs.fields(kind))
        raise InvalidParameter(f"Invalid config of the backend {backend!r}: {error}. Its keys are {known}.") from None


def _from_json(text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise InvalidParameter(f"The backend config is not valid JSON: {error}.") from None
