"""The route table as an OpenAPI 3.1 document. https://spec.openapis.org/oas/v3.1.0"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec

from mlyard.core.version import __version__
from mlyard.wire.errors import ErrorAnswer
from mlyard.wire.routes import API, ROUTES, Route

_COMPONENT = "#/components/schemas/{name}"
_STEP = re.compile(r"{(\w+)}")


@cache
def document() -> bytes:
    """The document as JSON."""
    kinds = [kind for route in ROUTES for kind in (route.request, route.response)]
    found, components = msgspec.json.schema_components([*kinds, ErrorAnswer], ref_template=_COMPONENT)
    schemas = dict(zip([*kinds, ErrorAnswer], found, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        for method in route.methods:
            paths.setdefault(API + route.path, {})[method.lower()] = _operation(route, method, schemas, components)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "mlyard", "version": __version__},
            "paths": paths,
            "components": {"schemas": components},
        }
    )


def _operation(route: Route[Any, Any], method: str, schemas: dict[Any, Any], components: dict[str, Any]) -> Any:
    steps = _STEP.findall(route.path)
    fields = components[schemas[route.request]["$ref"].rpartition("/")[2]]
    parameters = [_parameter(name, fields, "path") for name in steps]
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}{_STEP.sub('', route.path).title()}".replace("/", "").replace("-", ""),
        "responses": {
            "200": {"description": "Done.", "content": _json(schemas[route.response]) | _binary(route)},
            "default": {"description": "An error.", "content": _json(schemas[ErrorAnswer])},
        },
    }
    if method == "GET":
        names = [name for name in fields.get("properties", {}) if name not in steps]
        parameters += [_parameter(name, fields, "query") for name in names]
    else:
        operation["requestBody"] = {"required": True, "content": _json(_without(fields, steps))}
    if parameters:
        operation["parameters"] = parameters
    return operation


def _parameter(name: str, fields: dict[str, Any], where: str) -> dict[str, Any]:
    required = where == "path" or name in fields.get("required", ())
    return {"name": name, "in": where, "required": required, "schema": fields["properties"][name]}


def _without(fields: dict[str, Any], steps: list[str]) -> dict[str, Any]:
    """The schema of the body: without the fields that are in the path."""
    kept = {name: schema for name, schema in fields.get("properties", {}).items() if name not in steps}
    required = [name for name in fields.get("required", ()) if name not in steps]
    return {**fields, "properties": kept, "required": required}


def _binary(route: Route[Any, Any]) -> dict[str, Any]:
    return {route.binary: {"schema": {"type": "string", "format": "binary"}}} if route.binary else {}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
