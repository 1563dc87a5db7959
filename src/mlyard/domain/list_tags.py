"""Tags that hold a JSON list to which several writers add. Stores add an entry under a lock, so that none gets lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.jsontext import json_text
from mlyard.domain import limits, names

TAG_LOGGED_MODELS = "mlflow.log-model.history"
TAG_LOGGED_TABLES = "mlflow.loggedArtifacts"
TAG_VERSIONS = "mlflow.modelVersions"


def check_list_tag(key: str) -> None:
    """Check that a tag holds a list. Raises InvalidParameter."""
    if key not in _ADD:
        raise InvalidParameter(f"The tag {key[:100]!r} holds no list. Tags that do: {', '.join(_ADD)}.")


def with_entry(tags: Mapping[str, str], key: str, entry: Mapping[str, Any]) -> str:
    """The value of the tag ``key`` after an entry is added, newest last. An entry that is there already stays alone.

    Raises InvalidParameter if this tag holds no lists. Raises it for the history of logged models too, if its value is
    not a list or has no room.
    """
    check_list_tag(key)
    text = tags.get(key, "")
    known = _entries(text)
    if any(_same(one, entry) for one in known or ()):
        return text
    return _ADD[key](text, known, entry)


def _to_models(_: str, known: list[Any] | None, entry: Mapping[str, Any]) -> str:
    if known is None:
        raise InvalidParameter(f"Malformed model info: the tag '{TAG_LOGGED_MODELS}' is not a JSON list.")
    text = json_text([*known, entry])
    names.check_length(text, limits.MAX_TAG_VALUE, f"Tag value of {TAG_LOGGED_MODELS}")
    return text


def _to_tables(text: str, known: list[Any] | None, entry: Mapping[str, Any]) -> str:
    """It stays as it is if it was cut or is full: readers take such a tag for one that may name any table."""
    longer = text if known is None else json.dumps([*known, entry])
    return longer if len(longer) <= limits.MAX_TAG_VALUE else text


def _to_versions(_: str, known: list[Any] | None, entry: Mapping[str, Any]) -> str:
    """Anything else than a list is replaced. Of more versions than fit, the newest stay."""
    entries = [*(known or ()), entry]
    while len(text := json.dumps(entries)) > limits.MAX_TAG_VALUE:
        del entries[0]
    return text


_ADD = {TAG_LOGGED_MODELS: _to_models, TAG_LOGGED_TABLES: _to_tables, TAG_VERSIONS: _to_versions}


def _entries(text: str) -> list[Any] | None:
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _same(one: Any, entry: Mapping[str, Any]) -> bool:
    """Whether it is the same entry. MLflow's servers write a version as a number, and its clients as text."""
    return isinstance(one, dict) and all(_plain(one.get(name)) == _plain(value) for name, value in entry.items())


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value
