"""Model versions in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, update

from mlyard.core.clock import now_ms
from mlyard.core.errors import InvalidParameter
from mlyard.core.ids import new_request_id
from mlyard.domain import limits, names
from mlyard.domain.model_versions import ARCHIVED, NO_STAGE, READY, ModelVersion, NewModelVersion
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.search import fields
from mlyard.stores.sql import dialect, registry, rows, tables
from mlyard.stores.sql.compile import Target, ValueTable
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.paging import Paginator, SortKey
from mlyard.stores.sql.search import Search

_models, _versions, _aliases = tables.registered_models, tables.model_versions, tables.registered_model_aliases
_c = _versions.c
_SEARCH = Search(
    fields.MODEL_VERSIONS,
    Target(
        id=_c.id,
        columns={
            "name": _models.c.name,
            "run_id": _c.run_id,
            "source": _c.source,
            "current_stage": _c.current_stage,
            "version_number": _c.version,
            "creation_timestamp": _c.creation_timestamp,
            "last_updated_timestamp": _c.last_updated_timestamp,
        },
        value_tables={"tag": ValueTable(tables.model_version_tags, "version")},
        numeric=fields.MODEL_VERSIONS.numeric,
        null_safe=fields.MODEL_VERSIONS.null_safe,
    ),
    ties=(
        SortKey(_c.last_updated_timestamp, ascending=False),
        SortKey(_models.c.name),
        SortKey(_c.version, ascending=False),
    ),
    ordered_ties=(SortKey(_models.c.name), SortKey(_c.version, ascending=False)),
    limit=limits.MAX_SEARCH_MODEL_VERSIONS,
)
_NEW = (
    "model",
    "version",
    "current_stage",
    "description",
    "source",
    "storage_location",
    "run_id",
    "run_link",
    "model_id",
    "user_id",
    "status",
    "creation_timestamp",
    "last_updated_timestamp",
    "request_id",
)


class SqlModelVersions:
    """ports.ModelVersionStore."""

    def __init__(self, database: Database, paginator: Paginator) -> None:
        self._database = database
        self._paginator = paginator

    def create(self, new: NewModelVersion) -> ModelVersion:
        names.check_length(new.description, limits.MAX_DESCRIPTION, "description")
        names.check_length(new.source, limits.MAX_ARTIFACT_LOCATION, "source")
        for key, value in new.tags.items():
            registry.check_tag(key, value)
        request_id = new.request_id or new_request_id()
        return self._database.write(lambda c: _insert(c, new, request_id))

    def get(self, name: str, version: str) -> ModelVersion:
        return self._database.read(lambda c: registry.read_versions(c, [registry.version_row(c, name, version)])[0])

    def search(self, query: SearchQuery) -> PagedList[ModelVersion]:
        compiled = _SEARCH.compile(self._database, query)

        def work(connection: Connection) -> PagedList[ModelVersion]:
            found, token = compiled.run(connection, self._paginator, registry.select_versions())
            return PagedList(registry.read_versions(connection, found), token)

        return self._database.read(work)

    def update(self, name: str, version: str, description: str) -> ModelVersion:
        names.check_length(description, limits.MAX_DESCRIPTION, "description")
        return self._change(name, version, lambda c, row: _touch(c, row, description=description))

    def transition(self, name: str, version: str, stage: str, *, archive_existing: bool = False) -> ModelVersion:
        target = names.canonical_stage(stage)
        if archive_existing and target in {NO_STAGE, ARCHIVED}:
            raise InvalidParameter(
                f"Model version transition cannot archive existing model versions because '{target}' is not an "
                "Active stage. Valid stages are Staging and Production."
            )

        def work(connection: Connection, row: Any) -> None:
            if archive_existing:
                others = (_c.model == row.model, _c.current_stage == target, _c.id != row.id)
                archived = {"current_stage": ARCHIVED, "last_updated_timestamp": now_ms()}
                connection.execute(update(_versions).where(*others).values(archived))
            _touch(connection, row, current_stage=target)
            registry.touch_model(connection, row.model)

        return self._change(name, version, work)

    def delete(self, name: str, version: str) -> None:
        def work(connection: Connection) -> None:
            row = _locked(connection, name, version)
            connection.execute(delete(_versions).where(_c.id == row.id))
            named = (_aliases.c.model == row.model, _aliases.c.version == row.version)
            connection.execute(delete(_aliases).where(*named))
            registry.touch_model(connection, row.model)

        self._database.write(work)

    def set_tag(self, name: str, version: str, key: str, value: str) -> None:
        registry.check_tag(key, value)
        self._change(
            name, version, lambda c, row: rows.set_values(c, tables.model_version_tags, "version", row.id, {key: value})
        )

    def delete_tag(self, name: str, version: str, key: str) -> None:
        self._change(
            name, version, lambda c, row: rows.delete_value(c, tables.model_version_tags, "version", row.id, key)
        )

    def download_uri(self, name: str, version: str) -> str:
        return self._database.read(lambda c: str(registry.version_row(c, name, version).storage_location))

    def _change(self, name: str, version: str, change: Any) -> ModelVersion:
        def work(connection: Connection) -> ModelVersion:
            row = _locked(connection, name, version)
            change(connection, row)
            return registry.read_versions(connection, [registry.version_row(connection, name, version)])[0]

        return self._database.write(work)


def _locked(connection: Connection, name: str, version: str) -> Any:
    registry.model_row(connection, name, lock=True)
    return registry.version_row(connection, name, version)


def _insert(connection: Connection, new: NewModelVersion, request_id: str) -> ModelVersion:
    model = registry.model_row(connection, new.name, lock=True)
    made = rows.created_by(connection, _versions, request_id)
    if made is not None:
        return registry.read_versions(connection, [registry.version_row(connection, new.name, str(made.version))])[0]
    number, now = model.last_version + 1, now_ms()
    registry.touch_model(connection, model.id, last_version=number)
    place = (new.source, new.storage_location or new.source, new.run_id, new.run_link, new.model_id)
    values = (model.id, number, NO_STAGE, new.description, *place, "", READY, now, now, request_id)
    dialect.insert(connection, _versions, _NEW, [values])
    row = registry.version_row(connection, new.name, str(number))
    rows.set_values(connection, tables.model_version_tags, "version", row.id, new.tags)
    return registry.read_versions(connection, [row])[0]


def _touch(connection: Connection, row: Any, **values: Any) -> None:
    connection.execute(update(_versions).where(_c.id == row.id).values(last_updated_timestamp=now_ms(), **values))
