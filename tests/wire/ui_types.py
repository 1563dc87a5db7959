"""Writes web/src/api/types.ts, the types of the web UI, from the OpenAPI document.

    python tests/wire/ui_types.py

It holds the answers that the UI reads, and the types that these refer to.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from mlyard.domain import page, runs
from mlyard.wire.openapi import document

FILE = Path(__file__).parents[2] / "web/src/api/types.ts"
COMMAND = "python tests/wire/ui_types.py"
ANSWERS = (
    *("ExperimentsAnswer", "ExperimentAnswer", "ExperimentId"),
    *("RunsAnswer", "RunAnswer", "HistoryAnswer", "FilesAnswer"),
    *("LoggedModelsAnswer", "LoggedModelAnswer"),
    *("RegisteredModelsAnswer", "RegisteredModelAnswer"),
    *("ModelVersionsAnswer", "ModelVersionAnswer"),
    "ErrorAnswer",
)
# Names that the UI has for schemas of the document.
RENAMED = {"MetricOut": "Metric"}
# The document says `string` or `number | string` here, as clients may send more than the server answers.
NARROWED = {("RunInfo", "status"): "RunStatus", ("MetricOut", "value"): "Double"}
# Requests may leave these out, answers never do.
ALWAYS_SENT = {("Tag", "value")}
SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def union(values: Iterable[str]) -> str:
    return " | ".join(f'"{value}"' for value in values)


HEADER = f"""\
// Generated from the server's OpenAPI document: do not edit. To write it anew: {COMMAND}
// The server leaves out fields that are null and lists that are empty. An int64 is a number.

export type RunStatus = {union(runs.STATUSES)};
export type ViewType = {union((page.ACTIVE_ONLY, page.DELETED_ONLY, page.ALL))};
/** JSON has no numbers for these three values, so they are sent as strings. */
export type Double = number | "NaN" | "Infinity" | "-Infinity";
export type MetricWithRunId = Metric & {{ run_id: string }};
"""


def generated() -> str:
    """The text of the file."""
    schemas: dict[str, Any] = msgspec.json.decode(document())["components"]["schemas"]
    reached: dict[str, None] = {}
    for name in ANSWERS:
        _reach(name, schemas, reached)
    fields = {(name, field) for name in reached for field in schemas[name]["properties"]}
    unknown = {*RENAMED} - {*reached} or {*NARROWED, *ALWAYS_SENT} - fields
    assert not unknown, f"RENAMED, NARROWED or ALWAYS_SENT names what the document does not have: {unknown}"
    return "\n".join([HEADER, *(_interface(name, schemas[name]) for name in reached)])


def _reach(name: str, schemas: dict[str, Any], reached: dict[str, None]) -> None:
    """Adds a schema, then the schemas that it refers to."""
    if name in reached:
        return
    reached[name] = None
    for reference in _references(schemas[name]):
        _reach(reference, schemas, reached)


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for part in schema for name in _references(part)]
    if not isinstance(schema, dict):
        return []
    own = [_target(schema)] if "$ref" in schema else []
    return own + [name for part in schema.values() for name in _references(part)]


def _target(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _interface(name: str, schema: dict[str, Any]) -> str:
    comment = f"/** {schema['description'].replace('``', '`')} */\n" if "description" in schema else ""
    fields = [_field(name, field, kind, schema["required"]) for field, kind in schema["properties"].items()]
    return f"{comment}export interface {RENAMED.get(name, name)} {{\n{''.join(fields)}}}\n"


def _field(owner: str, name: str, schema: dict[str, Any], required: list[str]) -> str:
    optional = name not in required and (owner, name) not in ALWAYS_SENT
    kinds = schema.get("anyOf", [schema])
    if optional:  # such a field is left out instead of being null
        kinds = [kind for kind in kinds if kind.get("type") != "null"]
    text = NARROWED.get((owner, name)) or " | ".join(_type(kind) for kind in kinds)
    return f"  {name}{'?' if optional else ''}: {text};\n"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return RENAMED.get(_target(schema), _target(schema))
    if schema["type"] == "array":
        return f"{_type(schema['items'])}[]"
    return SIMPLE[schema["type"]]


if __name__ == "__main__":
    FILE.write_text(generated(), encoding="utf-8")
    print(f"Wrote {FILE}")
