"""Answers in a form that two servers can share: ids, times and made-up names become placeholders."""

from __future__ import annotations

import json
import math
import re
import time
from typing import Any

_ID = re.compile(r"m-[0-9a-f]{32}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_MADE_UP_NAME = re.compile(r"[a-z]+-[a-z]+-\d{1,4}")
_LONG = re.compile(r"(.)\1{150,}")
_AGE_MS = 3_600_000  # an answer's times lie within an hour of now
_CREATED = ("creation_time", "creation_timestamp", "creation_timestamp_ms")
_UPDATED = ("last_update_time", "last_updated_timestamp", "last_updated_timestamp_ms")


class Placeholders:
    """The placeholders of one play: an id has the same one wherever it comes."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._experiments: dict[str, str] = {}

    def bind(self, variable: str, value: Any) -> None:
        """An id is called as the variable that holds it, unless it has a name."""
        if isinstance(value, str) and _ID.fullmatch(value):
            self._names.setdefault(value, f"<{variable}>")

    def text(self, value: str) -> str:
        """A string with the ids in it named, and repetitions shortened."""
        named = _ID.sub(lambda match: self._names.setdefault(match[0], f"<id {len(self._names) + 1}>"), value)
        return _LONG.sub(lambda match: f"{match[1]}×{len(match[0])}", named)

    def value(self, value: Any, name: str = "") -> Any:
        """Any part of an answer; ``name`` is its field's."""
        if isinstance(value, dict):
            return self._object(value, name)
        if isinstance(value, list):
            return _arranged([self.value(item, name) for item in value], name)
        if isinstance(value, str):
            return self._string(value, name)
        if isinstance(value, float) and not math.isfinite(value):
            return f"<bare {value}>"
        return "<now>" if type(value) is int and _is_now(value) else value

    def _object(self, fields: dict[str, Any], name: str) -> dict[str, Any]:
        inner = "data." if name == "data" else ""
        named = {key: self.value(item, inner + key if key == "metrics" else key) for key, item in fields.items()}
        created = next((fields[key] for key in _CREATED if key in fields), None)
        for key in _UPDATED:
            if named.get(key) == "<now>":
                named[key] = "<as created>" if fields[key] == created else "<later>"
        if fields.get("key") == "mlflow.runName":
            named["value"] = _made_up(str(named.get("value")))
        return named

    def _string(self, value: str, name: str) -> str:
        if name == "next_page_token":
            return "<token>" if value else ""
        if name in {"run_name", "name"}:
            return _made_up(self.text(value))
        return self.text(value)


def _made_up(value: str) -> str:
    return _MADE_UP_NAME.sub("<made up>", value) if _MADE_UP_NAME.fullmatch(value) else value


def _arranged(items: list[Any], name: str) -> list[Any]:
    """Sorted where order means nothing: sets of pairs; and runs in a history of several, by random ids at MLflow."""
    if name in {"tags", "params", "aliases", "data.metrics"}:
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    if name == "metrics" and all(isinstance(item, dict) and "run_id" in item for item in items):
        return sorted(items, key=lambda item: str(item["run_id"]))
    return items


def _is_now(value: int) -> bool:
    return abs(value - time.time() * 1000) < _AGE_MS
