"""Removes deleted entities permanently. Dependent rows are removed by ON DELETE CASCADE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, delete, func, literal, or_, select, update

from mlyard.core.errors import InvalidParameter
from mlyard.domain.experiments import ACTIVE, DEFAULT_EXPERIMENT_ID, DELETED
from mlyard.ports.trash import Deleted
from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.database import Database

_e, _r, _m, _v = tables.experiments.c, tables.runs.c, tables.logged_models.c, tables.model_versions.c
_RUN_TIME = func.coalesce(_r.deleted_time, _e.last_update_time)


class SqlTrash:
    """ports.TrashStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs(self, before: int, ids: Sequence[str] = ()) -> list[Deleted]:
        return self._found("run", _runs(), _r.run_id, _RUN_TIME, before, ids)

    def logged_models(self, before: int, ids: Sequence[str] = ()) -> list[Deleted]:
        return self._found("logged model", _models(), _m.model_id, _m.last_updated_timestamp, before, ids)

    def experiments(self, before: int, ids: Sequence[str] = ()) -> list[Deleted]:
        unfit = [each for each in ids if not each.isdigit()]
        if unfit:
            raise InvalidParameter(f"Invalid experiment id {unfit[0]!r}: expected a number.")
        return self._found("experiment", _experiments(), _e.id, _e.last_update_time, before, [int(i) for i in ids])

    def of_experiment(self, experiment_id: str) -> tuple[list[Deleted], list[Deleted]]:
        number = int(experiment_id)
        runs = self._read(_runs().where(_r.experiment == number, _e.lifecycle_stage == DELETED))
        return runs, self._read(_models().where(_m.experiment == number, _e.lifecycle_stage == DELETED))

    def versions_below(self, uri: str) -> list[str]:
        inside = and_(_v.storage_location >= f"{uri}/", _v.storage_location < f"{uri}0")  # '0' follows '/'
        models = tables.registered_models.c
        statement = (
            select(models.name, _v.version)
            .join_from(tables.model_versions, tables.registered_models, _v.model == models.id)
            .where(or_(_v.storage_location == uri, inside))
        )
        rows = self._database.read(lambda c: list(c.execute(statement)))
        return [f"{row.name}/{row.version}" for row in rows]

    def artifact_locations(self) -> list[str]:
        return self._database.read(lambda c: list(c.scalars(select(_e.artifact_location).distinct())))

    def claim_run(self, run_id: str) -> None:
        self._claim(tables.runs, _r.run_id == run_id, _r, f"The run {run_id}", deleted_time=tables.CLAIMED)

    def claim_logged_model(self, model_id: str) -> None:
        self._claim(tables.logged_models, _m.model_id == model_id, _m, f"The logged model {model_id}")

    def _claim(self, table: Any, which: ColumnElement[bool], columns: Any, what: str, **values: int) -> None:
        of_deleted = columns.experiment.in_(select(_e.id).where(_e.lifecycle_stage == DELETED))
        is_deleted = or_(columns.lifecycle_stage == DELETED, of_deleted)
        claim = update(table).where(which, is_deleted).values(lifecycle_stage=DELETED, **values)
        if not self._database.write(lambda c: c.execute(claim).rowcount):
            raise InvalidParameter(f"{what} has been restored.")

    def purge_run(self, run_id: str) -> None:
        number = self._database.read(lambda c: c.execute(select(_r.id).where(_r.run_id == run_id)).scalar())
        self._purge(tables.runs, _r.id == number)

    def purge_logged_model(self, model_id: str) -> None:
        self._purge(tables.logged_models, _m.model_id == model_id)

    def purge_experiment(self, experiment_id: str) -> None:
        runs, models = self.of_experiment(experiment_id)
        if runs or models:
            raise InvalidParameter(f"Experiment {experiment_id} still has {len(runs)} runs and {len(models)} models.")
        self._purge(tables.experiments, and_(_e.id == int(experiment_id), _e.lifecycle_stage == DELETED))

    def _purge(self, table: Any, which: ColumnElement[bool]) -> None:
        self._database.write(lambda c: c.execute(delete(table).where(which)))

    def _found(
        self, what: str, all_: Select[Any], id_: Any, time: Any, before: int, ids: Sequence[Any]
    ) -> list[Deleted]:
        if not ids:
            return self._read(all_.where(time <= before).order_by(time, id_))
        found = self._read(all_.where(dialect.in_values(id_, ids)).order_by(time, id_))
        unknown = [str(each) for each in ids if str(each) not in {deleted.id for deleted in found}]
        if unknown:
            raise InvalidParameter(f"The {what} {unknown[0]} is not deleted, or does not exist: nothing was removed.")
        young = [deleted.id for deleted in found if deleted.deleted_time > before]
        if young:
            raise InvalidParameter(f"The {what} {young[0]} was deleted later than --older-than allows.")
        return found

    def _read(self, statement: Select[Any]) -> list[Deleted]:
        rows = self._database.read(lambda c: list(c.execute(statement)))
        return [
            Deleted(
                id=str(row.id),
                deleted_time=row.deleted_time,
                artifact_uri=row.artifact_uri,
                experiment_location=row.experiment_location,
                source_run_id=row.source_run_id or "",
            )
            for row in rows
        ]


def _runs() -> Select[Any]:
    gone = or_(_r.lifecycle_stage != ACTIVE, _e.lifecycle_stage != ACTIVE)
    columns = _columns(_r.run_id, _RUN_TIME, _r.artifact_uri, literal(""))
    return select(*columns).join_from(tables.runs, tables.experiments, _r.experiment == _e.id).where(gone)


def _models() -> Select[Any]:
    gone = or_(_m.lifecycle_stage != ACTIVE, _e.lifecycle_stage != ACTIVE)
    columns = _columns(_m.model_id, _m.last_updated_timestamp, _m.artifact_uri, _m.source_run_id)
    return select(*columns).join_from(tables.logged_models, tables.experiments, _m.experiment == _e.id).where(gone)


def _experiments() -> Select[Any]:
    gone = and_(_e.lifecycle_stage == DELETED, _e.id != int(DEFAULT_EXPERIMENT_ID))
    return select(*_columns(_e.id, _e.last_update_time, _e.artifact_location, literal(""))).where(gone)


def _columns(id_: Any, time: Any, uri: Any, run: Any) -> tuple[Any, ...]:
    return (
        id_.label("id"),
        time.cast(BigInteger).label("deleted_time"),
        uri.label("artifact_uri"),
        _e.artifact_location.label("experiment_location"),
        run.label("source_run_id"),
    )
