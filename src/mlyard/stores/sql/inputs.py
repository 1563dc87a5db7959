"""Datasets used by runs, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from mlyard.core.jsontext import json_text
from mlyard.domain.inputs import Dataset, DatasetInput, DatasetSummary, InputTag
from mlyard.stores.sql import dialect, tables

_d, _i, _r = tables.datasets.c, tables.dataset_inputs.c, tables.runs.c
_DATASET = ("experiment", "name", "digest", "source_type", "source", "schema", "profile")
_LINK = ("run", "dataset", "tags", "context", "position")
_KEEP = "ON CONFLICT DO NOTHING"
_MAX_SUMMARIES = 1000
USED = (
    select(_i.run, _d.name, _d.digest, func.nullif(_i.context, "").label("context"))
    .join(tables.datasets, _d.id == _i.dataset)
    .subquery("used")
)
"""The datasets of runs, for searches."""


def log_datasets(connection: Connection, run: int, experiment: int, inputs: Sequence[DatasetInput]) -> None:
    """Link datasets to a run. Existing datasets and links stay unchanged."""
    rows = [
        (experiment, d.name, d.digest, d.source_type, d.source, d.schema or "", d.profile or "")
        for d in sorted((one.dataset for one in inputs), key=lambda d: (d.name, d.digest))
    ]
    dialect.insert(connection, tables.datasets, _DATASET, rows, _KEEP)
    wanted = select(_d.id, _d.name, _d.digest).where(
        _d.experiment == experiment, dialect.in_values(_d.name, [row[1] for row in rows])
    )
    numbers = {(row.name, row.digest): row.id for row in connection.execute(wanted)}
    last = connection.execute(select(func.coalesce(func.max(_i.position), 0)).where(_i.run == run)).scalar_one()
    links = [
        (run, numbers[one.dataset.name, one.dataset.digest], json_text(dict(_pairs(one))), one.context, position)
        for position, one in enumerate(inputs, last + 1)
    ]
    dialect.insert(connection, tables.dataset_inputs, _LINK, links, _KEEP)


def _pairs(one: DatasetInput) -> Iterable[tuple[str, str]]:
    return ((tag.key, tag.value) for tag in one.tags)


def read_datasets(connection: Connection, runs: Sequence[int]) -> dict[int, list[DatasetInput]]:
    """The datasets of runs, by their numbers, in the order in which they were logged."""
    if not runs:
        return {}
    statement = (
        select(_i.run, _i.tags, tables.datasets)
        .join(tables.datasets, _d.id == _i.dataset)
        .where(dialect.in_values(_i.run, runs))
        .order_by(_i.run, _i.position, _d.id)
    )
    found: dict[int, list[DatasetInput]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.run, []).append(_input(row))
    return found


def _input(row: Any) -> DatasetInput:
    tags = msgspec.json.decode(row.tags, type=dict[str, str])
    return DatasetInput(
        dataset=Dataset(
            name=row.name,
            digest=row.digest,
            source_type=row.source_type,
            source=row.source,
            schema=row.schema or None,
            profile=row.profile or None,
        ),
        tags=tuple(InputTag(key=key, value=value) for key, value in tags.items()),
    )


def summaries(connection: Connection, experiments: Sequence[int]) -> list[DatasetSummary]:
    """The datasets of experiments and the contexts that they were used in, at most 1,000."""
    statement = (
        select(_d.experiment, _d.name, _d.digest, _i.context)
        .distinct()
        .join(tables.dataset_inputs, _i.dataset == _d.id)
        .where(dialect.in_values(_d.experiment, experiments))
        .order_by(_d.experiment, _d.name, _d.digest, _i.context)
        .limit(_MAX_SUMMARIES)
    )
    return [
        DatasetSummary(experiment_id=str(row.experiment), name=row.name, digest=row.digest, context=row.context)
        for row in connection.execute(statement)
    ]
