"""Rows of registered models and of their versions, for the stores of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from mlyard.core.clock import now_ms
from mlyard.core.errors import DoesNotExist
from mlyard.domain import limits, names
from mlyard.domain.model_versions import ModelVersion
from mlyard.stores.sql import dialect, rows, tables

_models, _versions, _aliases = tables.registered_models, tables.model_versions, tables.registered_model_aliases
_m, _v = _models.c, _versions.c


def check_tag(key: str, value: str) -> None:
    """Check a tag of a registered model or of a version. Raises InvalidParameter."""
    names.check_key(key, "Tag key", "key")
    names.check_length(value, limits.MAX_REGISTRY_TAG_VALUE, f"Tag value of {key}")


def model_row(connection: Connection, name: str, *, lock: bool = False) -> Any:
    """A registered model's row. Lock it before writing to the model or its versions. Raises DoesNotExist."""
    row = rows.one(connection, select(_models).where(_m.name == name), lock=lock)
    if row is None:
        raise DoesNotExist(f"Registered Model with name={name} not found")
    return row


def touch_model(connection: Connection, number: int, **values: Any) -> None:
    """Change columns of a registered model, and set the time of its last update."""
    connection.execute(update(_models).where(_m.id == number).values(last_updated_timestamp=now_ms(), **values))


def touch_versions(connection: Connection, model: int) -> None:
    """Set the time of the last update of all versions of a model."""
    connection.execute(update(_versions).where(_v.model == model).values(last_updated_timestamp=now_ms()))


def select_versions() -> Select[Any]:
    """Versions with the name of their model."""
    return select(_versions, _m.name).join(_models, _m.id == _v.model)


def version_row(connection: Connection, name: str, version: str) -> Any:
    """A version's row, with the model's name. Raises InvalidParameter, DoesNotExist."""
    number = names.parse_version(version)
    row = rows.one(connection, select_versions().where(_m.name == name, _v.version == number))
    if row is None:
        raise DoesNotExist(f"Model Version (name={name}, version={version}) not found")
    return row


def read_versions(connection: Connection, found: Sequence[Any]) -> list[ModelVersion]:
    """Rows of ``select_versions`` as domain objects."""
    tags = rows.read_values(connection, tables.model_version_tags, "version", [row.id for row in found])
    named = read_aliases(connection, {row.model for row in found})
    return [
        ModelVersion(
            name=row.name,
            version=str(row.version),
            creation_timestamp=row.creation_timestamp,
            last_updated_timestamp=row.last_updated_timestamp,
            current_stage=row.current_stage,
            description=row.description,
            source=row.source,
            run_id=row.run_id,
            run_link=row.run_link,
            model_id=row.model_id,
            user_id=row.user_id,
            status=row.status,
            tags=tags.get(row.id, {}),
            aliases=tuple(alias for alias, version in named.get(row.model, ()) if version == row.version),
        )
        for row in found
    ]


def latest_versions(connection: Connection, models: Iterable[int]) -> dict[int, list[ModelVersion]]:
    """The newest version of each stage, by model. Stages come in the order in which they first appear."""
    wanted = dialect.in_values(_v.model, models)
    newest, first = func.max(_v.id).label("newest"), func.min(_v.version).label("first")
    stages = select(newest, first).where(wanted).group_by(_v.model, _v.current_stage).subquery()
    statement = select_versions().join(stages, stages.c.newest == _v.id).order_by(_v.model, stages.c.first)
    found: dict[int, list[ModelVersion]] = {}
    chosen = connection.execute(statement).all()
    for row, version in zip(chosen, read_versions(connection, chosen), strict=True):
        found.setdefault(row.model, []).append(version)
    return found


def read_aliases(connection: Connection, models: Iterable[int]) -> dict[int, list[tuple[str, int]]]:
    """Aliases and the versions that they point at, by model."""
    wanted = select(_aliases).where(dialect.in_values(_aliases.c.model, models)).order_by(_aliases.c.alias)
    found: dict[int, list[tuple[str, int]]] = {}
    for row in connection.execute(wanted):
        found.setdefault(row.model, []).append((row.alias, row.version))
    return found
