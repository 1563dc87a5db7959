"""Logged models in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from mlyard.core.clock import now_ms
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.ids import new_model_id
from mlyard.domain import limits, names
from mlyard.domain.experiments import ACTIVE, DELETED
from mlyard.domain.logged_models import PENDING, STATUSES, LoggedModel, NewLoggedModel
from mlyard.domain.page import PagedList, ScopedQuery
from mlyard.search import fields
from mlyard.stores.sql import experiments, rows, runs, tables
from mlyard.stores.sql.compile import Side, Target
from mlyard.stores.sql.paging import SortKey
from mlyard.stores.sql.search import run_search
from mlyard.stores.sql.writer import Writer

_c = tables.logged_models.c
_TARGET = Target(
    id=_c.id,
    columns={
        "name": _c.name,
        "model_id": _c.model_id,
        "model_type": _c.model_type,
        "status": _c.status,
        "source_run_id": _c.source_run_id,
        "experiment_id": _c.experiment,
        "creation_timestamp": _c.creation_timestamp,
        "last_updated_timestamp": _c.last_updated_timestamp,
    },
    sides={"param": Side(tables.logged_model_params, "model"), "tag": Side(tables.logged_model_tags, "model")},
    numeric=fields.LOGGED_MODELS.numeric | {"experiment_id"},
)
_TIES = (SortKey(_c.creation_timestamp, ascending=False), SortKey(_c.id, ascending=False))


class SqlLoggedModels:
    """ports.LoggedModelStore."""

    def __init__(self, engine: Engine, writer: Writer) -> None:
        self._engine = engine
        self._writer = writer

    def create(self, new: NewLoggedModel) -> LoggedModel:
        names.check_length(new.name, limits.MAX_NAME, "Model name")
        _check_params(new.params)
        _check_tags(new.tags)
        return self._writer.write(lambda c: _insert(c, new))

    def get(self, model_id: str) -> LoggedModel:
        with self._engine.begin() as connection:
            return _read(connection, [_row_of(connection, model_id)])[0]

    def finalize(self, model_id: str, status: str) -> LoggedModel:
        if status not in STATUSES or status == PENDING:
            raise InvalidParameter(f"Invalid model status {status!r}. Use one of {', '.join(STATUSES[1:])}.")
        return self._change(model_id, lambda c, row: _touch(c, row.id, status=status))

    def search(self, query: ScopedQuery) -> PagedList[LoggedModel]:
        ids = experiments.numbers_of(query.experiment_ids)
        statement = select(tables.logged_models).where(_c.experiment.in_(ids), _c.lifecycle_stage == ACTIVE)
        with self._engine.begin() as connection:
            found, token = run_search(
                connection, statement, query, fields.LOGGED_MODELS, _TARGET, _TIES, limits.MAX_SEARCH_LOGGED_MODELS
            )
            return PagedList(_read(connection, found), token)

    def log_params(self, model_id: str, params: dict[str, str]) -> None:
        _check_params(params)
        self._change(model_id, lambda c, row: _log_params(c, row, params))

    def set_tags(self, model_id: str, tags: dict[str, str]) -> LoggedModel:
        _check_tags(tags)
        return self._change(
            model_id, lambda c, row: rows.set_values(c, tables.logged_model_tags, "model", row.id, tags)
        )

    def delete_tag(self, model_id: str, key: str) -> None:
        def work(connection: Connection, row: Any) -> None:
            if not rows.delete_value(connection, tables.logged_model_tags, "model", row.id, key):
                raise DoesNotExist(f"No tag with name: {key} in logged model with ID {model_id}")

        self._change(model_id, work)

    def delete(self, model_id: str) -> None:
        self._writer.write(lambda c: _touch(c, _row_of(c, model_id).id, lifecycle_stage=DELETED))

    def _change(self, model_id: str, change: Any) -> LoggedModel:
        def work(connection: Connection) -> LoggedModel:
            row = _row_of(connection, model_id)
            change(connection, row)
            _touch(connection, row.id)
            return _read(connection, [_row_of(connection, model_id)])[0]

        return self._writer.write(work)


def _row_of(connection: Connection, model_id: str) -> Any:
    wanted = select(tables.logged_models).where(_c.model_id == model_id, _c.lifecycle_stage == ACTIVE)
    row = rows.one(connection, wanted)
    if row is None:
        raise DoesNotExist(f"Logged model with ID '{model_id}' not found.")
    return row


def _insert(connection: Connection, new: NewLoggedModel) -> LoggedModel:
    experiment = experiments.active_row_of(connection, new.experiment_id)
    model_id, now = new_model_id(), now_ms()
    values = {
        "model_id": model_id,
        "experiment": experiment.id,
        "name": new.name or model_id,
        "artifact_uri": _artifact_uri(connection, experiment, new, model_id),
        "status": PENDING,
        "model_type": new.model_type,
        "source_run_id": new.source_run_id,
        "creation_timestamp": now,
        "last_updated_timestamp": now,
        "lifecycle_stage": ACTIVE,
    }
    connection.execute(insert(tables.logged_models).values(values))
    row = _row_of(connection, model_id)
    rows.set_values(connection, tables.logged_model_params, "model", row.id, new.params)
    rows.set_values(connection, tables.logged_model_tags, "model", row.id, new.tags)
    return _read(connection, [row])[0]


def _artifact_uri(connection: Connection, experiment: Any, new: NewLoggedModel, model_id: str) -> str:
    if new.artifact_path is None:
        return f"{experiment.artifact_location.rstrip('/')}/models/{model_id}/artifacts"
    if new.source_run_id is None:
        raise InvalidParameter("A logged model with an 'artifact_path' needs a 'source_run_id': whose artifacts?")
    names.check_path_like(new.artifact_path, "artifact_path")
    return f"{runs.active_row_of(connection, new.source_run_id).artifact_uri}/{new.artifact_path}"


def _log_params(connection: Connection, row: Any, params: Mapping[str, str]) -> None:
    stored = rows.read_values(connection, tables.logged_model_params, "model", [row.id]).get(row.id, {})
    for key, value in params.items():
        if stored.get(key, value) != value:
            raise InvalidParameter(
                f"Changing param values is not allowed. Param with key='{key}' was already logged with "
                f"value='{stored[key]}' for model ID='{row.model_id}'. Attempted logging new value '{value}'."
            )
    rows.set_values(connection, tables.logged_model_params, "model", row.id, params)


def _touch(connection: Connection, number: int, **values: Any) -> None:
    change = update(tables.logged_models).where(_c.id == number)
    connection.execute(change.values(last_updated_timestamp=now_ms(), **values))


def _check_params(params: Mapping[str, str]) -> None:
    for key, value in params.items():
        names.check_key(key, "Param key", "key")
        names.check_length(value, limits.MAX_PARAM_VALUE, f"Param value of {key}")


def _check_tags(tags: Mapping[str, str]) -> None:
    for key, value in tags.items():
        names.check_key(key, "Tag key", "key")
        names.check_length(value, limits.MAX_TAG_VALUE, f"Tag value of {key}")


def _read(connection: Connection, found: Sequence[Any]) -> list[LoggedModel]:
    ids = [row.id for row in found]
    params = rows.read_values(connection, tables.logged_model_params, "model", ids)
    tags = rows.read_values(connection, tables.logged_model_tags, "model", ids)
    return [
        LoggedModel(
            model_id=row.model_id,
            experiment_id=str(row.experiment),
            name=row.name,
            artifact_uri=row.artifact_uri,
            creation_timestamp=row.creation_timestamp,
            last_updated_timestamp=row.last_updated_timestamp,
            status=row.status,
            model_type=row.model_type,
            source_run_id=row.source_run_id,
            params=params.get(row.id, {}),
            tags=tags.get(row.id, {}),
        )
        for row in found
    ]
