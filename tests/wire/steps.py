"""Steps of a scenario: requests to a tracking server, with what is kept of their answers.

In any string of a request ``$name`` stands for a value that an earlier step saved, and ``${x*251}`` for
251 times x. ``{"$each": 3, "of": {"key": "m#"}}`` is a list of three in which ``#`` is 0, 1, 2: a number
where it stands alone.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any

API = "/api/2.0/mlflow/"
_REPEAT = re.compile(r"\$\{(.)\*(\d+)\}")
_VARIABLE = re.compile(r"\$([a-z]\w*)")


@dataclass(frozen=True)
class Step:
    """One request.

    ``save`` names values of the answer by their paths; with ``pick`` only these paths are compared.
    ``message`` is None (any text will do), "exact", or words that the error's message must contain.
    """

    method: str
    path: str
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    raw: str | None = None
    save: dict[str, str] = field(default_factory=dict)
    pick: list[str] = field(default_factory=list)
    message: str | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """What a reader calls the request."""
        details = self.raw if self.raw is not None else self.body if self.body is not None else self.query or ""
        text = f"{self.method} {self.path} {details}".strip()
        return (f"{self.note}: " if self.note else "") + (text if len(text) <= 300 else f"{text[:300]}…")

    def to_json(self) -> dict[str, Any]:
        """The step as it is recorded; what has its default is left out."""
        fields = asdict(self)
        return {name: value for name, value in fields.items() if name in {"method", "path"} or value != _UNSET[name]}


_UNSET = asdict(Step("", ""))


def post(path: str, body: Any = None, **options: Any) -> Step:
    """POST with a JSON body."""
    return _step("POST", path, options, body=body)


def patch(path: str, body: Any = None, **options: Any) -> Step:
    """PATCH with a JSON body."""
    return _step("PATCH", path, options, body=body)


def delete(path: str, body: Any = None, **options: Any) -> Step:
    """DELETE with a JSON body."""
    return _step("DELETE", path, options, body=body)


def get(path: str, query: dict[str, Any] | None = None, **options: Any) -> Step:
    """GET with a query string; a list repeats its name."""
    return _step("GET", path, options, query=query or {})


def send(method: str, path: str, raw: str, **options: Any) -> Step:
    """A body as it is, JSON or not."""
    return _step(method, path, options, raw=raw)


def _step(method: str, path: str, options: dict[str, Any], **fields: Any) -> Step:
    picked = options.pop("pick", [])
    return Step(method, path, pick=[picked] if isinstance(picked, str) else picked, **fields, **options)


def filled(value: Any, variables: dict[str, str]) -> Any:
    """The value with its variables and repetitions filled in."""
    if isinstance(value, str):
        long = _REPEAT.sub(lambda match: match[1] * int(match[2]), value)
        return _VARIABLE.sub(lambda match: str(variables.get(match[1], match[0])), long)
    if isinstance(value, dict) and "$each" in value:
        return [filled(_numbered(value["of"], number), variables) for number in range(value["$each"])]
    if isinstance(value, dict):
        return {filled(name, variables): filled(item, variables) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, variables) for item in value]
    return value


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return number if value == "#" else value.replace("#", str(number))
    if isinstance(value, dict):
        return {name: _numbered(item, number) for name, item in value.items()}
    return value


def at(value: Any, path: str) -> Any:
    """What lies at ``runs.0.info.run_id``; ``*`` gathers over a list. None where nothing lies."""
    for position, name in enumerate(steps := path.split(".")):
        if name == "*":
            rest = ".".join(steps[position + 1 :])
            return [at(item, rest) if rest else item for item in value or []]
        try:
            value = value[int(name)] if isinstance(value, list) else value.get(name)
        except (IndexError, AttributeError):
            return None
    return value
