"""Experiments in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from mlyard.core.clock import now_ms
from mlyard.core.errors import AlreadyExists, DoesNotExist, InvalidParameter
from mlyard.domain import limits, names
from mlyard.domain.experiments import ACTIVE, DELETED, Experiment
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.search import fields
from mlyard.stores.sql import rows
from mlyard.stores.sql.compile import Side, Target
from mlyard.stores.sql.paging import SortKey
from mlyard.stores.sql.search import lifecycle, run_search
from mlyard.stores.sql.tables import experiment_tags, experiments, runs
from mlyard.stores.sql.writer import Writer

_c = experiments.c
_TARGET = Target(
    id=_c.id,
    columns={
        "name": _c.name,
        "experiment_id": _c.id,
        "creation_time": _c.creation_time,
        "last_update_time": _c.last_update_time,
    },
    sides={"tag": Side(experiment_tags, "experiment")},
    numeric=fields.EXPERIMENTS.numeric | {"experiment_id"},
)
# More would not fit the column's 64 bits.
_MAX_DIGITS = 18
_TIES = (SortKey(_c.last_update_time, ascending=False), SortKey(_c.id))


class SqlExperiments:
    """ports.ExperimentStore."""

    def __init__(self, engine: Engine, writer: Writer, artifact_root: str) -> None:
        self._engine = engine
        self._writer = writer
        self._artifact_root = artifact_root.rstrip("/")

    def create(self, name: str, artifact_location: str = "", tags: Mapping[str, str] | None = None) -> str:
        names.check_experiment_name(name)
        names.check_length(artifact_location, limits.MAX_ARTIFACT_LOCATION, "artifact_location")
        for key, value in (tags or {}).items():
            _check_tag(key, value)
        return str(self._writer.write(lambda c: self._insert(c, name, artifact_location, tags or {})))

    def _insert(self, connection: Connection, name: str, location: str, tags: Mapping[str, str]) -> int:
        _refuse_taken(connection, name)
        now = now_ms()
        values = {
            "name": name,
            "artifact_location": location,
            "lifecycle_stage": ACTIVE,
            "creation_time": now,
            "last_update_time": now,
        }
        result = connection.execute(insert(experiments).values(values))
        (number,) = result.inserted_primary_key or (0,)
        if not location:
            own = f"{self._artifact_root}/{number}"
            connection.execute(update(experiments).where(_c.id == number).values(artifact_location=own))
        rows.set_values(connection, experiment_tags, "experiment", number, tags)
        return number

    def get(self, experiment_id: str) -> Experiment:
        with self._engine.begin() as connection:
            row = row_of(connection, experiment_id)
            return _read(connection, [row])[0]

    def get_by_name(self, name: str) -> Experiment | None:
        with self._engine.begin() as connection:
            row = rows.one(connection, select(experiments).where(_c.name == name))
            return _read(connection, [row])[0] if row else None

    def search(self, query: SearchQuery) -> PagedList[Experiment]:
        statement = select(experiments).where(*lifecycle(_c.lifecycle_stage, query.view))
        with self._engine.begin() as connection:
            found, token = run_search(
                connection, statement, query, fields.EXPERIMENTS, _TARGET, _TIES, limits.MAX_SEARCH_EXPERIMENTS
            )
            return PagedList(_read(connection, found), token)

    def rename(self, experiment_id: str, new_name: str) -> None:
        names.check_experiment_name(new_name)

        def work(connection: Connection) -> None:
            row = row_of(connection, experiment_id)
            if row.lifecycle_stage != ACTIVE:
                raise InvalidParameter(f"Cannot rename the deleted experiment {experiment_id}: restore it first.")
            if row.name != new_name:
                _refuse_taken(connection, new_name)
            _update(connection, row.id, name=new_name)

        self._writer.write(work)

    def delete(self, experiment_id: str) -> None:
        self._writer.write(lambda c: _set_stage(c, experiment_id, DELETED, now_ms()))

    def restore(self, experiment_id: str) -> None:
        self._writer.write(lambda c: _set_stage(c, experiment_id, ACTIVE, None))

    def set_tag(self, experiment_id: str, key: str, value: str) -> None:
        _check_tag(key, value)

        def work(connection: Connection) -> None:
            row = row_of(connection, experiment_id)
            rows.set_values(connection, experiment_tags, "experiment", row.id, {key: value})
            _update(connection, row.id)

        self._writer.write(work)

    def delete_tag(self, experiment_id: str, key: str) -> None:
        def work(connection: Connection) -> None:
            row = row_of(connection, experiment_id)
            if not rows.delete_value(connection, experiment_tags, "experiment", row.id, key):
                raise DoesNotExist(f"No tag with name: {key} in experiment with id {experiment_id}")
            _update(connection, row.id)

        self._writer.write(work)


def numbers_of(experiment_ids: Iterable[str]) -> list[int]:
    """The ids that can be an experiment's, as numbers; the others name nothing."""
    return [int(text) for text in experiment_ids if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS]


def row_of(connection: Connection, experiment_id: str) -> Any:
    """An experiment's row. Raises InvalidParameter for an id that is no number, DoesNotExist."""
    if not (experiment_id.isascii() and experiment_id.isdigit()):
        raise InvalidParameter(f"Invalid experiment ID '{experiment_id}'. Experiment ID must be a valid integer.")
    wanted = numbers_of([experiment_id])
    row = rows.one(connection, select(experiments).where(_c.id == wanted[0])) if wanted else None
    if row is None:
        raise DoesNotExist(f"No Experiment with id={experiment_id} exists")
    return row


def active_row_of(connection: Connection, experiment_id: str) -> Any:
    """The row of an experiment that may be written to."""
    row = row_of(connection, experiment_id)
    if row.lifecycle_stage != ACTIVE:
        raise InvalidParameter(f"The experiment {experiment_id} must be in the 'active' state. It is deleted.")
    return row


def _refuse_taken(connection: Connection, name: str) -> None:
    taken = rows.one(connection, select(_c.id, _c.lifecycle_stage).where(_c.name == name))
    if taken and taken.lifecycle_stage == ACTIVE:
        raise AlreadyExists(f"Experiment(name={name}) already exists.")
    if taken:
        raise AlreadyExists(
            f"Experiment(name={name}) already exists, in deleted state with id {taken.id}. "
            "Restore it, or choose another name."
        )


def _set_stage(connection: Connection, experiment_id: str, stage: str, deleted: int | None) -> None:
    row = row_of(connection, experiment_id)
    _update(connection, row.id, lifecycle_stage=stage)
    change = update(runs).where(runs.c.experiment == row.id, runs.c.lifecycle_stage != stage)
    connection.execute(change.values(lifecycle_stage=stage, deleted_time=deleted))


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
