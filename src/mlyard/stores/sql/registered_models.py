"""Registered models in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from mlyard.core.clock import now_ms
from mlyard.core.errors import AlreadyExists, InvalidParameter
from mlyard.core.ids import new_request_id
from mlyard.domain import limits, names
from mlyard.domain.model_versions import ModelVersion, newest_of
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.domain.registered_models import RegisteredModel
from mlyard.search import fields
from mlyard.stores.sql import dialect, registry, rows, tables
from mlyard.stores.sql.compile import Target, ValueTable
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.paging import Paginator, SortKey
from mlyard.stores.sql.search import Search

_models, _versions, _aliases = tables.registered_models, tables.model_versions, tables.registered_model_aliases
_c = _models.c
_SEARCH = Search(
    fields.REGISTERED_MODELS,
    Target(
        id=_c.id,
        columns={
            "name": _c.name,
            "creation_timestamp": _c.creation_timestamp,
            "last_updated_timestamp": _c.last_updated_timestamp,
        },
        value_tables={"tag": ValueTable(tables.registered_model_tags, "model")},
        numeric=fields.REGISTERED_MODELS.numeric,
        null_safe=fields.REGISTERED_MODELS.null_safe,
    ),
    ties=(SortKey(_c.name),),
    limit=limits.MAX_SEARCH_REGISTERED_MODELS,
)
_NEW = ("name", "description", "creation_timestamp", "last_updated_timestamp", "last_version", "request_id")


class SqlRegisteredModels:
    """ports.RegisteredModelStore."""

    def __init__(self, database: Database, paginator: Paginator) -> None:
        self._database = database
        self._paginator = paginator

    def create(
        self, name: str, description: str = "", tags: Mapping[str, str] | None = None, request_id: str | None = None
    ) -> RegisteredModel:
        names.check_model_name(name)
        names.check_length(description, limits.MAX_DESCRIPTION, "description")
        for key, value in (tags or {}).items():
            registry.check_tag(key, value)
        own = request_id or new_request_id()
        return self._database.write(lambda c: _insert(c, name, description, tags or {}, own))

    def get(self, name: str) -> RegisteredModel:
        return self._database.read(lambda c: _read(c, [registry.model_row(c, name)])[0])

    def search(self, query: SearchQuery) -> PagedList[RegisteredModel]:
        compiled = _SEARCH.compile(self._database, query)

        def work(connection: Connection) -> PagedList[RegisteredModel]:
            found, token = compiled.run(connection, self._paginator, select(_models))
            return PagedList(_read(connection, found), token)

        return self._database.read(work)

    def rename(self, name: str, new_name: str, request_id: str | None = None) -> RegisteredModel:
        names.check_model_name(new_name)

        def work(connection: Connection) -> RegisteredModel:
            row = rows.one(connection, select(_models).where(_c.name == name), lock=True)
            # Only now: an earlier try of this request may have held the lock.
            done = rows.created_by(connection, _models, request_id)
            if done is None:
                _rename(connection, row or registry.model_row(connection, name), new_name, request_id)
                done = registry.model_row(connection, new_name)
            return _read(connection, [done])[0]

        return self._database.write(work)

    def update(self, name: str, description: str) -> RegisteredModel:
        names.check_length(description, limits.MAX_DESCRIPTION, "description")
        return self._change(name, lambda c, row: registry.touch_model(c, row.id, description=description))

    def delete(self, name: str) -> None:
        self._database.write(
            lambda c: c.execute(delete(_models).where(_c.id == registry.model_row(c, name, lock=True).id))
        )

    def latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        wanted = {names.canonical_stage(stage) for stage in stages}

        def work(connection: Connection) -> list[ModelVersion]:
            row = registry.model_row(connection, name)
            return registry.latest_versions(connection, [row.id]).get(row.id, [])

        found = self._database.read(work)
        return [version for version in found if not wanted or version.current_stage in wanted]

    def set_tag(self, name: str, key: str, value: str) -> None:
        registry.check_tag(key, value)
        self._change(
            name, lambda c, row: rows.set_values(c, tables.registered_model_tags, "model", row.id, {key: value})
        )

    def delete_tag(self, name: str, key: str) -> None:
        self._change(name, lambda c, row: rows.delete_value(c, tables.registered_model_tags, "model", row.id, key))

    def set_alias(self, name: str, alias: str, version: str) -> None:
        names.check_alias(alias)

        def work(connection: Connection, row: Any) -> None:
            target = registry.version_row(connection, name, version)
            change = "ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version"
            found = [(row.id, alias, target.version)]
            dialect.insert(connection, _aliases, ("model", "alias", "version"), found, change)

        self._change(name, work)

    def delete_alias(self, name: str, alias: str) -> None:
        def work(connection: Connection, row: Any) -> None:
            connection.execute(delete(_aliases).where(_aliases.c.model == row.id, _aliases.c.alias == alias))

        self._change(name, work)

    def get_by_alias(self, name: str, alias: str) -> ModelVersion:
        def work(connection: Connection) -> ModelVersion:
            row = registry.model_row(connection, name)
            if alias.lower() == names.LATEST:
                return newest_of(name, registry.latest_versions(connection, [row.id]).get(row.id, ()))
            wanted = select(_aliases.c.version).where(_aliases.c.model == row.id, _aliases.c.alias == alias)
            found = connection.execute(wanted).scalar()
            if found is None:
                raise InvalidParameter(f"Registered model alias {alias} not found.")
            return registry.read_versions(connection, [registry.version_row(connection, name, str(found))])[0]

        return self._database.read(work)

    def _change(self, name: str, change: Any) -> RegisteredModel:
        def work(connection: Connection) -> RegisteredModel:
            row = registry.model_row(connection, name, lock=True)
            change(connection, row)
            return _read(connection, [connection.execute(select(_models).where(_c.id == row.id)).one()])[0]

        return self._database.write(work)


def _insert(
    connection: Connection, name: str, description: str, tags: Mapping[str, str], request_id: str
) -> RegisteredModel:
    made, now = rows.created_by(connection, _models, request_id), now_ms()
    if made is not None:
        return _read(connection, [made])[0]
    row = (name, description, now, now, 0, request_id)
    dialect.insert(connection, _models, _NEW, [row], "ON CONFLICT DO NOTHING")
    made = rows.created_by(connection, _models, request_id)
    if made is None:
        raise _taken(name)
    rows.set_values(connection, tables.registered_model_tags, "model", made.id, tags)
    return _read(connection, [made])[0]


def _rename(connection: Connection, row: Any, new_name: str, request_id: str | None) -> None:
    """``request_id`` replaces the one of the request that created the model or renamed it before."""
    if new_name != row.name:
        _refuse_taken(connection, new_name)
    registry.touch_model(connection, row.id, name=new_name, request_id=request_id or row.request_id)
    registry.touch_versions(connection, row.id)


def _taken(name: str) -> AlreadyExists:
    return AlreadyExists(f"Registered Model (name={name}) already exists.")


def _refuse_taken(connection: Connection, name: str) -> None:
    if rows.one(connection, select(_c.id).where(_c.name == name)):
        raise _taken(name)


def _read(connection: Connection, found: Sequence[Any]) -> list[RegisteredModel]:
    ids = [row.id for row in found]
    tags = rows.read_values(connection, tables.registered_model_tags, "model", ids)
    versions = registry.latest_versions(connection, ids)
    aliases = registry.read_aliases(connection, ids)
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
