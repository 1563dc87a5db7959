"""Registered models in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from mlyard.core.clock import now_ms
from mlyard.core.errors import AlreadyExists, DoesNotExist, InvalidParameter
from mlyard.domain import limits, names
from mlyard.domain.model_versions import ModelVersion
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.domain.registered_models import TAG_IS_PROMPT, RegisteredModel
from mlyard.search import fields
from mlyard.stores.sql import dialect, model_versions, rows, tables
from mlyard.stores.sql.compile import Side, Target
from mlyard.stores.sql.paging import SortKey
from mlyard.stores.sql.search import run_search
from mlyard.stores.sql.writer import Writer

_models, _versions, _aliases = tables.registered_models, tables.model_versions, tables.registered_model_aliases
_c = _models.c
_TARGET = Target(
    id=_c.id,
    columns={
        "name": _c.name,
        "creation_timestamp": _c.creation_timestamp,
        "last_updated_timestamp": _c.last_updated_timestamp,
    },
    sides={"tag": Side(tables.registered_model_tags, "model")},
    numeric=fields.REGISTERED_MODELS.numeric,
    flags=frozenset({TAG_IS_PROMPT}),
)
_TIES = (SortKey(_c.name),)


class SqlRegisteredModels:
    """ports.RegisteredModelStore."""

    def __init__(self, engine: Engine, writer: Writer) -> None:
        self._engine = engine
        self._writer = writer

    def create(self, name: str, description: str = "", tags: Mapping[str, str] | None = None) -> RegisteredModel:
        names.check_model_name(name)
        names.check_length(description, limits.MAX_DESCRIPTION, "description")
        for key, value in (tags or {}).items():
            check_tag(key, value)
        return self._writer.write(lambda c: _insert(c, name, description, tags or {}))

    def get(self, name: str) -> RegisteredModel:
        with self._engine.begin() as connection:
            return _read(connection, [row_of(connection, name)])[0]

    def search(self, query: SearchQuery) -> PagedList[RegisteredModel]:
        with self._engine.begin() as connection:
            found, token = run_search(
                connection,
                select(_models),
                query,
                fields.REGISTERED_MODELS,
                _TARGET,
                _TIES,
                limits.MAX_SEARCH_REGISTERED_MODELS,
            )
            return PagedList(_read(connection, found), token)

    def rename(self, name: str, new_name: str) -> RegisteredModel:
        names.check_model_name(new_name)

        def work(connection: Connection, row: Any) -> None:
            if new_name != name:
                _refuse_taken(connection, new_name)
            touch(connection, row.id, name=new_name)

        return self._change(name, work)

    def update(self, name: str, description: str) -> RegisteredModel:
        names.check_length(description, limits.MAX_DESCRIPTION, "description")
        return self._change(name, lambda c, row: touch(c, row.id, description=description))

    def delete(self, name: str) -> None:
        self._writer.write(lambda c: c.execute(delete(_models).where(_c.id == row_of(c, name).id)))

    def latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        wanted = {names.canonical_stage(stage) for stage in stages}
        with self._engine.begin() as connection:
            row = row_of(connection, name)
            found = model_versions.latest(connection, [row.id]).get(row.id, [])
        return [version for version in found if not wanted or version.current_stage in wanted]

    def set_tag(self, name: str, key: str, value: str) -> None:
        check_tag(key, value)
        self._change(
            name, lambda c, row: rows.set_values(c, tables.registered_model_tags, "model", row.id, {key: value})
        )

    def delete_tag(self, name: str, key: str) -> None:
        self._change(name, lambda c, row: rows.delete_value(c, tables.registered_model_tags, "model", row.id, key))

    def set_alias(self, name: str, alias: str, version: str) -> None:
        names.check_alias(alias)

        def work(connection: Connection, row: Any) -> None:
            target = model_versions.row_of(connection, name, version)
            statement = dialect.upsert(_aliases).values(model=row.id, alias=alias, version=target.version)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["model", "alias"], set_={"version": target.version})
            )

        self._change(name, work)

    def delete_alias(self, name: str, alias: str) -> None:
        def work(connection: Connection, row: Any) -> None:
            connection.execute(delete(_aliases).where(_aliases.c.model == row.id, _aliases.c.alias == alias))

        self._change(name, work)

    def get_by_alias(self, name: str, alias: str) -> ModelVersion:
        with self._engine.begin() as connection:
            row = row_of(connection, name)
            wanted = select(_aliases.c.version).where(_aliases.c.model == row.id, _aliases.c.alias == alias)
            found = connection.execute(wanted).scalar()
            if found is None:
                raise InvalidParameter(f"Registered model alias {alias} not found.")
            return model_versions.read(connection, [model_versions.row_of(connection, name, str(found))])[0]

    def _change(self, name: str, change: Any) -> RegisteredModel:
        def work(connection: Connection) -> RegisteredModel:
            row = row_of(connection, name)
            change(connection, row)
            touch(connection, row.id)
            return _read(connection, [connection.execute(select(_models).where(_c.id == row.id)).one()])[0]

        return self._writer.write(work)


def row_of(connection: Connection, name: str) -> Any:
    """A registered model's row. Raises DoesNotExist."""
    row = rows.one(connection, select(_models).where(_c.name == name))
    if row is None:
        raise DoesNotExist(f"Registered Model with name={name} not found")
    return row


def touch(connection: Connection, number: int, **values: Any) -> None:
    """Change a registered model's columns, and when it was last updated."""
    connection.execute(update(_models).where(_c.id == number).values(last_updated_timestamp=now_ms(), **values))


def check_tag(key: str, value: str) -> None:
    """A tag of a registered model or of a version."""
    names.check_key(key, "Tag key", "key")
    names.check_length(value, limits.MAX_REGISTRY_TAG_VALUE, f"Tag value of {key}")


def _insert(connection: Connection, name: str, description: str, tags: Mapping[str, str]) -> RegisteredModel:
    _refuse_taken(connection, name)
    now = now_ms()
    values = {
        "name": name,
        "description": description,
        "creation_timestamp": now,
        "last_updated_timestamp": now,
        "last_version": 0,
    }
    connection.execute(insert(_models).values(values))
    row = row_of(connection, name)
    rows.set_values(connection, tables.registered_model_tags, "model", row.id, tags)
    return _read(connection, [row])[0]


def _refuse_taken(connection: Connection, name: str) -> None:
    if rows.one(connection, select(_c.id).where(_c.name == name)):
        raise AlreadyExists(f"Registered Model (name={name}) already exists.")


def _read(connection: Connection, found: Sequence[Any]) -> list[RegisteredModel]:
    ids = [row.id for row in found]
    tags = rows.read_values(connection, tables.registered_model_tags, "model", ids)
    versions = model_versions.latest(connection, ids)
    aliases = model_versions.aliases(connection, ids)
    return [
        RegisteredModel(
            name=row.name,
            creation_timestamp=row.creation_timestamp,
            last_updated_timestamp=row.last_updated_timestamp,
            description=row.description,
            latest_versions=tuple(versions.get(row.id, ())),
            tags=tags.get(row.id, {}),
            aliases={alias: str(version) for alias, version in aliases.get(row.id, ())},
        )
        for row in found
    ]
