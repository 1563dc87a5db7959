"""Experiments in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Text, cast, func, select, update

from mlyard.core.clock import now_ms
from mlyard.core.errors import AlreadyExists, DoesNotExist, InvalidParameter, MlyardError
from mlyard.core.ids import new_request_id
from mlyard.domain import limits, names
from mlyard.domain.experiments import ACTIVE, DELETED, Experiment
from mlyard.domain.inputs import DatasetSummary
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.domain.uris import join, new_location
from mlyard.search import fields
from mlyard.stores.sql import dialect, inputs, rows
from mlyard.stores.sql.compile import Target, ValueTable
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.paging import Paginator, SortKey
from mlyard.stores.sql.search import Search, lifecycle
from mlyard.stores.sql.tables import CLAIMED, experiment_tags, experiments, runs

_c = experiments.c
_SEARCH = Search(
    fields.EXPERIMENTS,
    Target(
        id=_c.id,
        columns={
            "name": _c.name,
            "experiment_id": cast(_c.id, Text),
            "creation_time": _c.creation_time,
            "last_update_time": _c.last_update_time,
        },
        value_tables={"tag": ValueTable(experiment_tags, "experiment")},
        numeric=fields.EXPERIMENTS.numeric,
        orders={"experiment_id": _c.id},
    ),
    ties=(SortKey(_c.creation_time, ascending=False), SortKey(_c.id)),
    limit=limits.MAX_SEARCH_EXPERIMENTS,
)
# More digits might not fit in the column's 64 bits.
_MAX_DIGITS = 18
_NO_EXPERIMENT = -1


class SqlExperiments:
    """ports.ExperimentStore."""

    def __init__(self, database: Database, paginator: Paginator, artifact_root: str) -> None:
        self._database = database
        self._paginator = paginator
        self._artifact_root = artifact_root

    def create(
        self,
        name: str,
        artifact_location: str = "",
        tags: Mapping[str, str] | None = None,
        request_id: str | None = None,
    ) -> str:
        names.check_experiment_name(name)
        names.check_length(artifact_location, limits.MAX_ARTIFACT_LOCATION, "artifact_location")
        location = new_location(artifact_location)
        for key, value in (tags or {}).items():
            _check_tag(key, value)
        own = request_id or new_request_id()
        return str(self._database.write(lambda c: self._insert(c, name, location, tags or {}, own)))

    def _insert(
        self, connection: Connection, name: str, location: str, tags: Mapping[str, str], request_id: str
    ) -> int:
        earlier, now = rows.created_by(connection, experiments, request_id), now_ms()
        if earlier is not None:
            return int(earlier.id)
        columns = ("name", "artifact_location", "lifecycle_stage", "creation_time", "last_update_time", "request_id")
        row = (name, location, ACTIVE, now, now, request_id)
        dialect.insert(connection, experiments, columns, [row], "ON CONFLICT DO NOTHING")
        made = rows.created_by(connection, experiments, request_id)
        if made is None:
            raise _taken(connection, name)
        if not location:
            own = join(self._artifact_root, str(made.id))
            connection.execute(update(experiments).where(_c.id == made.id).values(artifact_location=own))
        rows.set_values(connection, experiment_tags, "experiment", made.id, tags)
        return int(made.id)

    def get(self, experiment_id: str) -> Experiment:
        return self._database.read(lambda c: _read(c, [row_of(c, experiment_id)])[0])

    def get_by_name(self, name: str) -> Experiment | None:
        def work(connection: Connection) -> Experiment | None:
            row = rows.one(connection, select(experiments).where(_c.name == name))
            return _read(connection, [row])[0] if row else None

        return self._database.read(work)

    def search(self, query: SearchQuery) -> PagedList[Experiment]:
        compiled = _SEARCH.compile(self._database, query)
        statement = select(experiments).where(*lifecycle(_c.lifecycle_stage, query.view))

        def work(connection: Connection) -> PagedList[Experiment]:
            found, token = compiled.run(connection, self._paginator, statement)
            return PagedList(_read(connection, found), token)

        return self._database.read(work)

    def search_datasets(self, experiment_ids: Sequence[str]) -> list[DatasetSummary]:
        return self._database.read(lambda c: inputs.summaries(c, numbers_of(experiment_ids)))

    def rename(self, experiment_id: str, new_name: str) -> None:
        names.check_experiment_name(new_name)

        def work(connection: Connection) -> None:
            row = row_of(connection, experiment_id, lock=True)
            if row.lifecycle_stage != ACTIVE:
                raise InvalidParameter(f"Cannot rename the deleted experiment {experiment_id}: restore it first.")
            if row.name != new_name:
                _refuse_taken(connection, new_name)
            _update(connection, row.id, name=new_name)

        self._database.write(work)

    def delete(self, experiment_id: str) -> None:
        self._database.write(lambda c: _set_stage(c, experiment_id, DELETED, now_ms()))

    def restore(self, experiment_id: str) -> None:
        self._database.write(lambda c: _set_stage(c, experiment_id, ACTIVE, None))

    def set_tag(self, experiment_id: str, key: str, value: str) -> None:
        _check_tag(key, value)

        def work(connection: Connection) -> None:
            row = active_row_of(connection, experiment_id)
            rows.set_values(connection, experiment_tags, "experiment", row.id, {key: value})

        self._database.write(work)

    def delete_tag(self, experiment_id: str, key: str) -> None:
        def work(connection: Connection) -> None:
            row = active_row_of(connection, experiment_id)
            if not rows.delete_value(connection, experiment_tags, "experiment", row.id, key):
                raise DoesNotExist(f"No tag with name: {key} in experiment with id {experiment_id}")

        self._database.write(work)


def numbers_of(experiment_ids: Iterable[str]) -> list[int]:
    """Ids as numbers, without those that no experiment can have."""
    return [int(text) for text in experiment_ids if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS]


def number_of(experiment_id: str, *, must_exist: bool = True) -> int:
    """An id as a number. Raises InvalidParameter, and DoesNotExist if no experiment can have it."""
    if not (experiment_id.isascii() and experiment_id.isdigit()):
        raise InvalidParameter(f"Invalid experiment ID '{experiment_id}'. Experiment ID must be a valid integer.")
    wanted = numbers_of([experiment_id])
    if not wanted and must_exist:
        raise _unknown(experiment_id)
    return wanted[0] if wanted else _NO_EXPERIMENT


def row_of(connection: Connection, experiment_id: str, *, lock: bool = False) -> Any:
    """An experiment's row. Raises InvalidParameter if the id is not a number, DoesNotExist."""
    row = rows.one(connection, select(experiments).where(_c.id == number_of(experiment_id)), lock=lock)
    if row is None:
        raise _unknown(experiment_id)
    return row


_LOCK = dialect.PreparedStatement(
    lambda: (
        select(experiments)
        .where(dialect.is_in(_c.id, dialect.list_of("ids", BigInteger())))
        .order_by(_c.id)
        .with_for_update(read=True)
    )
)


def active_rows_of(connection: Connection, numbers: Iterable[int]) -> dict[int, Any]:
    """For each experiment its row, locked until the transaction ends; or an error, if it is deleted or unknown."""
    wanted = set(numbers)
    found = {row.id: row for row in _LOCK.records(connection, ids=list(wanted))}
    return {number: _writable(found.get(number), str(number)) for number in wanted}


def _writable(row: Any, experiment_id: str) -> Any:
    if row is None:
        return _unknown(experiment_id)
    if row.lifecycle_stage != ACTIVE:
        return InvalidParameter(
            f"The experiment {experiment_id} must be in the 'active' state. Current state is deleted."
        )
    return row


def active_row_of(connection: Connection, experiment_id: str) -> Any:
    """The row of an experiment that is not deleted, locked until the transaction ends."""
    row = _writable(row_of(connection, experiment_id, lock=True), experiment_id)
    if isinstance(row, MlyardError):
        raise row
    return row


def _unknown(experiment_id: str) -> DoesNotExist:
    return DoesNotExist(f"No Experiment with id={experiment_id} exists")


def _taken(connection: Connection, name: str) -> AlreadyExists:
    taken = rows.one(connection, select(_c.id, _c.lifecycle_stage).where(_c.name == name))
    if taken is None or taken.lifecycle_stage == ACTIVE:
        return AlreadyExists(f"Experiment(name={name}) already exists.")
    return AlreadyExists(
        f"Experiment(name={name}) already exists, in deleted state with id {taken.id}. "
        "Restore it, or choose another name."
    )


def _refuse_taken(connection: Connection, name: str) -> None:
    if rows.one(connection, select(_c.id).where(_c.name == name)):
        raise _taken(connection, name)


def _set_stage(connection: Connection, experiment_id: str, stage: str, deleted: int | None) -> None:
    row = row_of(connection, experiment_id, lock=True)
    if row.lifecycle_stage == stage:
        raise _unknown(experiment_id)
    _update(connection, row.id, lifecycle_stage=stage)
    # All writers lock runs in the order of their ids, so that they do not deadlock.
    is_kept = func.coalesce(runs.c.deleted_time, 0) != CLAIMED
    others = (runs.c.experiment == row.id, runs.c.lifecycle_stage != stage, is_kept)
    connection.execute(select(runs.c.id).where(*others).order_by(runs.c.id).with_for_update(key_share=True))
    connection.execute(update(runs).where(*others).values(lifecycle_stage=stage, deleted_time=deleted))


def _update(connection: Connection, number: int, **values: Any) -> None:
    connection.execute(update(experiments).where(_c.id == number).values(last_update_time=now_ms(), **values))


def _check_tag(key: str, value: str) -> None:
    names.check_key(key, "Tag key", "key")
    names.check_length(value, limits.MAX_EXPERIMENT_TAG_VALUE, f"Tag value of {key}")


def _read(connection: Connection, found: Any) -> list[Experiment]:
    tags = rows.read_values(connection, experiment_tags, "experiment", [row.id for row in found])
    return [
        Experiment(
            experiment_id=str(row.id),
            name=row.name,
            artifact_location=row.artifact_location,
            lifecycle_stage=row.lifecycle_stage,
            creation_time=row.creation_time,
            last_update_time=row.last_update_time,
            tags=tags.get(row.id, {}),
        )
        for row in found
    ]
