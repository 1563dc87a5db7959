"""Logged models in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import nan
from typing import Any

from msgspec import structs
from sqlalchemy import ColumnElement, Connection, Text, and_, cast, or_, select, true, update

from mlyard.core.clock import now_ms
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.ids import new_model_id, new_request_id, new_run_name
from mlyard.domain import limits, list_tags, names
from mlyard.domain.experiments import ACTIVE, DELETED
from mlyard.domain.logged_models import (
    PENDING,
    STATUSES,
    DatasetReference,
    LoggedModel,
    LoggedModelQuery,
    NewLoggedModel,
    storable_params,
)
from mlyard.domain.metrics import Metric
from mlyard.domain.page import PagedList
from mlyard.domain.uris import join
from mlyard.search import fields
from mlyard.stores.sql import dialect, experiments, rows, runs, tables
from mlyard.stores.sql.compile import Target, ValueTable
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.keys import Keys
from mlyard.stores.sql.paging import Paginator, SortKey
from mlyard.stores.sql.search import Search

_c = tables.logged_models.c
_m = tables.logged_model_metrics
_SEARCH = Search(
    fields.LOGGED_MODELS,
    Target(
        id=_c.id,
        columns={
            "name": _c.name,
            "model_id": _c.model_id,
            "model_type": _c.model_type,
            "status": _c.status,
            "source_run_id": _c.source_run_id,
            "experiment_id": cast(_c.experiment, Text),
            "creation_timestamp": _c.creation_timestamp,
            "last_updated_timestamp": _c.last_updated_timestamp,
        },
        value_tables={
            "metric": ValueTable(_m, "model", interned=True, one_per_key=False),
            "param": ValueTable(tables.logged_model_params, "model"),
            "tag": ValueTable(tables.logged_model_tags, "model"),
        },
        numeric=fields.LOGGED_MODELS.numeric,
        null_safe=fields.LOGGED_MODELS.null_safe,
        orders={"experiment_id": _c.experiment},
    ),
    ties=(SortKey(_c.creation_timestamp, ascending=False), SortKey(_c.id, ascending=False)),
    limit=limits.MAX_SEARCH_LOGGED_MODELS,
)
_NEW = (
    "model_id",
    "experiment",
    "name",
    "artifact_uri",
    "status",
    "model_type",
    "source_run_id",
    "creation_timestamp",
    "last_updated_timestamp",
    "lifecycle_stage",
    "request_id",
)


class SqlLoggedModels:
    """ports.LoggedModelStore."""

    def __init__(self, database: Database, paginator: Paginator) -> None:
        self._database = database
        self._paginator = paginator

    def create(self, new: NewLoggedModel) -> LoggedModel:
        names.check_logged_model_name(new.name)
        new = structs.replace(new, params=storable_params(new.params))
        _check_tags(new.tags)
        names.check_length(new.model_type, limits.MAX_NAME, "Model type")
        request_id = new.request_id or new_request_id()
        return self._database.write(lambda c: _insert(c, new, request_id))

    def get(self, model_id: str) -> LoggedModel:
        return self._database.read(lambda c: self._read(c, [_row_of(c, model_id)])[0])

    def finalize(self, model_id: str, status: str) -> LoggedModel:
        if status not in STATUSES:
            raise InvalidParameter(f"Invalid model status {status!r}. Use one of {', '.join(STATUSES)}.")
        return self._change(model_id, lambda c, row: _touch(c, row.id, status=status))

    def search(self, query: LoggedModelQuery) -> PagedList[LoggedModel]:
        ids = experiments.numbers_of(query.experiment_ids)
        statement = select(tables.logged_models).where(_c.experiment.in_(ids), _c.lifecycle_stage == ACTIVE)
        search = _SEARCH
        if query.datasets:
            of_datasets = _of_datasets(query.datasets)
            statement = statement.where(_c.id.in_(select(_m.c.model).where(of_datasets)))
            search = _restricted(_SEARCH, of_datasets)
        order_predicates = [_of_datasets([one]) if one.name or one.digest else None for one in query.order_datasets]
        compiled = search.compile(self._database, query, order_predicates)

        def work(connection: Connection) -> PagedList[LoggedModel]:
            found, token = compiled.run(connection, self._paginator, statement)
            return PagedList(self._read(connection, found), token)

        return self._database.read(work)

    def log_params(self, model_id: str, params: dict[str, str]) -> None:
        stored = storable_params(params)
        self._change(model_id, lambda c, row: _log_params(c, row, stored))

    def set_tags(self, model_id: str, tags: dict[str, str]) -> LoggedModel:
        _check_tags(tags)
        return self._change(
            model_id, lambda c, row: rows.set_values(c, tables.logged_model_tags, "model", row.id, tags)
        )

    def add_to_tag(self, model_id: str, key: str, entry: Mapping[str, Any]) -> None:
        def work(connection: Connection) -> None:
            row, table = _row_of(connection, model_id, lock=True), tables.logged_model_tags
            tags = rows.read_values(connection, table, "model", [row.id])[row.id]
            longer = list_tags.with_entry(tags, key, entry)
            if longer != tags.get(key):
                rows.set_values(connection, table, "model", row.id, {key: longer})
                _touch(connection, row.id)

        self._database.write(work)

    def delete_tag(self, model_id: str, key: str) -> None:
        def work(connection: Connection, row: Any) -> None:
            if not rows.delete_value(connection, tables.logged_model_tags, "model", row.id, key):
                raise DoesNotExist(f"No tag with key {key!r} found for model with ID {model_id!r}.")

        self._change(model_id, work)

    def delete(self, model_id: str) -> None:
        """Deleting a model twice is allowed."""

        def work(connection: Connection) -> None:
            found = rows.one(connection, select(tables.logged_models).where(_c.model_id == model_id), lock=True)
            if found is None:
                raise DoesNotExist(f"Logged model with ID '{model_id}' not found.")
            _touch(connection, found.id, lifecycle_stage=DELETED)

        self._database.write(work)

    def _change(self, model_id: str, change: Any) -> LoggedModel:
        def work(connection: Connection) -> LoggedModel:
            row = _row_of(connection, model_id, lock=True)
            change(connection, row)
            _touch(connection, row.id)
            return self._read(connection, [_row_of(connection, model_id)])[0]

        return self._database.write(work)

    def _read(self, connection: Connection, found: Sequence[Any]) -> list[LoggedModel]:
        ids = [row.id for row in found]
        params = rows.read_values(connection, tables.logged_model_params, "model", ids)
        tags = rows.read_values(connection, tables.logged_model_tags, "model", ids)
        metrics = _metrics(connection, self._database.keys, found)
        return [_built(row, params.get(row.id, {}), tags.get(row.id, {}), metrics.get(row.id, ())) for row in found]


def _of_datasets(datasets: Iterable[DatasetReference]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(
                _m.c.dataset_name == one.name if one.name else true(),
                _m.c.dataset_digest == one.digest if one.digest else true(),
            )
            for one in datasets
        )
    )


def _restricted(search: Search, condition: ColumnElement[bool]) -> Search:
    """The same search, but only over metrics that meet the condition."""
    metric = replace(search.target.value_tables["metric"], predicate=condition)
    return replace(search, target=replace(search.target, value_tables={**search.target.value_tables, "metric": metric}))


def _row_of(connection: Connection, model_id: str, *, lock: bool = False) -> Any:
    wanted = select(tables.logged_models).where(_c.model_id == model_id, _c.lifecycle_stage == ACTIVE)
    row = rows.one(connection, wanted, lock=lock)
    if row is None:
        raise DoesNotExist(f"Logged model with ID '{model_id}' not found.")
    return row


def _insert(connection: Connection, new: NewLoggedModel, request_id: str) -> LoggedModel:
    made = rows.created_by(connection, tables.logged_models, request_id)
    if made is None:
        experiment = experiments.active_row_of(connection, new.experiment_id)
        model_id, now = new_model_id(), now_ms()
        uri = _artifact_uri(connection, experiment, new, model_id)
        place = (model_id, experiment.id, new.name or new_run_name(), uri, PENDING, new.model_type, new.source_run_id)
        dialect.insert(connection, tables.logged_models, _NEW, [(*place, now, now, ACTIVE, request_id)])
        made = rows.created_by(connection, tables.logged_models, request_id)
        rows.set_values(connection, tables.logged_model_params, "model", made.id, new.params)
        rows.set_values(connection, tables.logged_model_tags, "model", made.id, new.tags)
    return _built(made, dict(new.params), dict(new.tags), ())


def _artifact_uri(connection: Connection, experiment: Any, new: NewLoggedModel, model_id: str) -> str:
    if new.artifact_path is None:
        return join(experiment.artifact_location, "models", model_id, "artifacts")
    if new.source_run_id is None:
        raise InvalidParameter(
            "A logged model with an 'artifact_path' needs a 'source_run_id': the path is in that run's artifacts."
        )
    names.check_path_like(new.artifact_path, "artifact_path")
    return join(runs.active_row_of(connection, new.source_run_id).artifact_uri, new.artifact_path)


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


def _check_tags(tags: Mapping[str, str]) -> None:
    for key, value in tags.items():
        names.check_key(key, "Tag key", "key")
        names.check_length(value, limits.MAX_TAG_VALUE, f"Tag value of {key}")


def _built(row: Any, params: dict[str, str], tags: dict[str, str], metrics: Sequence[Metric]) -> LoggedModel:
    return LoggedModel(
        model_id=row.model_id,
        experiment_id=str(row.experiment),
        name=row.name,
        artifact_uri=row.artifact_uri,
        creation_timestamp=row.creation_timestamp,
        last_updated_timestamp=row.last_updated_timestamp,
        status=row.status,
        model_type=row.model_type,
        source_run_id=row.source_run_id,
        params=params,
        tags=tags,
        metrics=tuple(metrics),
    )


def _metrics(connection: Connection, keys: Keys, found: Sequence[Any]) -> dict[int, list[Metric]]:
    model_ids = {row.id: row.model_id for row in found}
    run_id = tables.runs.c.run_id
    statement = (
        select(_m, run_id.label("run_id"))
        .join(tables.runs, tables.runs.c.id == _m.c.run)
        .where(dialect.in_values(_m.c.model, model_ids))
        .order_by(_m.c.model, _m.c.key, _m.c.timestamp, _m.c.step)
    )
    points = connection.execute(statement).all()
    named = keys.names(connection, {row.key for row in points})
    metrics: dict[int, list[Metric]] = {}
    for row in points:
        metric = Metric(
            key=named[row.key],
            value=nan if row.is_nan else row.value,
            timestamp=row.timestamp,
            step=row.step,
            model_id=model_ids[row.model],
            dataset_name=row.dataset_name or None,
            dataset_digest=row.dataset_digest or None,
            run_id=row.run_id,
        )
        metrics.setdefault(row.model, []).append(metric)
    return metrics
