"""Writes the same runs and points directly into the tables of each system.

Run number ``i`` has the id ``md5('run' || i)``, ten params, ten metrics of one point and five tags, all
computed from ``i`` by the database. Foreign keys are not checked and secondary indexes are built at the end.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from mlyard.stores.sql.history import chunks, tails
from mlyard.stores.sql.history.columns import columns_of
from mlyard.stores.sql.history.figures import figures_of_summary
from mlyard.stores.sql.history.summaries import merge, unpack

PARAMS = METRICS = 10
TAGS = 5
START = 1_700_000_000_000  # start of the first run, in milliseconds; each run starts one second after the previous one
FILTER = "metrics.m0 < 0.5 and params.p1 = 'v3' and tags.t2 = 'c1'"  # matches one run in a hundred
ORDER = ["metrics.m1 DESC"]

RUN_ID = "md5('run' || i)"
PARAM = f"'v' || (i / {PARAMS} + k) % 10"
METRIC = "((i * 7919 + k * 104729) % 100003) / 100003.0"
# Params, tags and metrics use different digits of the run's number, so that they are not correlated.
TAG = f"'c' || (i / {10 * PARAMS} + k) % 5"


@dataclass(frozen=True)
class Runs:
    """Runs ``first`` to ``last`` of an experiment."""

    experiment: str
    first: int
    last: int

    def series(self, keys: int = 0) -> str:
        """A series of rows ``i``, or ``i`` and ``k``, in the order in which clients would have written them."""
        runs = f"generate_series({self.first}::bigint, {self.last}) AS i"
        return f"{runs}, generate_series(0, {keys - 1}) AS k" if keys else runs


def run_id(number: int) -> str:
    return hashlib.md5(f"run{number}".encode()).hexdigest()


def metric(i: int, k: int) -> float:
    """METRIC, in Python."""
    return ((i * 7919 + k * 104729) % 100003) / 100003.0


def _mlflow_run_columns(runs: Runs) -> str:
    return f"""INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,
            start_time, end_time, source_version, lifecycle_stage, artifact_uri, experiment_id{{column}})
        SELECT {RUN_ID}, 'run-' || i, 'UNKNOWN', '', '', 'bench', 'FINISHED', {START} + 1000 * i,
            {START} + 1000 * i + 500, '', 'active', 'mlflow-artifacts:/0/' || {RUN_ID}, {runs.experiment}{{value}}
        FROM {runs.series()}"""


def _mlflow_values(runs: Runs, table: str, column: str, prefix: str, value: str, count: int) -> str:
    return f"""INSERT INTO {table} (run_uuid, key, {column})
        SELECT {RUN_ID}, '{prefix}' || k, {value} FROM {runs.series(count)}"""


def _mlflow_metrics(runs: Runs, table: str, more_columns: str = "", more_values: str = "") -> str:
    return f"""INSERT INTO {table} (run_uuid, key, value, timestamp, step, is_nan{more_columns})
        SELECT {RUN_ID}, 'm' || k, {METRIC}, {START} + 1000 * i, 0, false{more_values} FROM {runs.series(METRICS)}"""


def _mlflow(runs: Runs) -> list[str]:
    return [
        _mlflow_run_columns(runs).format(column="", value=""),
        _mlflow_values(runs, "params", "value", "p", PARAM, PARAMS),
        _mlflow_values(runs, "tags", "value", "t", TAG, TAGS),
        _mlflow_metrics(runs, "metrics"),
        _mlflow_metrics(runs, "latest_metrics"),
    ]


NO_CONTEXT = "(SELECT id FROM contexts WHERE json = '{}')"


def _fasttrackml(runs: Runs) -> list[str]:
    numbered = _mlflow_run_columns(runs).format(column=", row_num", value=", i")
    return [
        "INSERT INTO contexts (json) VALUES ('{}') ON CONFLICT DO NOTHING",
        numbered,
        _mlflow_values(runs, "params", "value_str", "p", PARAM, PARAMS),
        _mlflow_values(runs, "tags", "value", "t", TAG, TAGS),
        _mlflow_metrics(runs, "metrics", ", iter, context_id", f", 1, {NO_CONTEXT}"),
        _mlflow_metrics(runs, "latest_metrics", ", last_iter, context_id", f", 1, {NO_CONTEXT}"),
    ]


def _mlyard(runs: Runs) -> list[str]:
    def insert(table: str, prefix: str, columns: str, values: str, count: int) -> str:
        return f"""INSERT INTO {table} (run, key, {columns}) SELECT runs.id, keys.id, {values}
            FROM (SELECT i, k FROM {runs.series(count)}) AS wanted
            JOIN runs ON runs.run_id = {RUN_ID} JOIN keys ON keys.name = '{prefix}' || k ORDER BY runs.id, keys.id"""

    point = f"0, {START} + 1000 * i, {METRIC}"
    figures = f"{point}, 0, 1, 0, {point}, {METRIC}, {METRIC}, {METRIC}"
    return [
        f"""INSERT INTO keys (name) SELECT prefix || k FROM unnest(ARRAY['p', 'm', 't']) AS prefix,
            generate_series(0, {max(PARAMS, METRICS, TAGS) - 1}) AS k ON CONFLICT DO NOTHING""",
        f"""INSERT INTO runs (run_id, experiment, name, user_id, status, start_time, end_time, artifact_uri,
                lifecycle_stage)
            SELECT {RUN_ID}, {runs.experiment}, 'run-' || i, 'bench', 'FINISHED', {START} + 1000 * i,
                {START} + 1000 * i + 500, 'mlflow-artifacts:/0/' || {RUN_ID}, 'active' FROM {runs.series()}""",
        insert("params", "p", "value", PARAM, PARAMS),
        insert("tags", "t", "value", TAG, TAGS),
        insert("latest_metrics", "m", FIGURES, figures, METRICS),
    ]


FIGURES = (
    "step, timestamp, value, is_nan, length, nans, first_step, first_timestamp, first_value, minimum, maximum, total"
)


def _log_points(connection: psycopg.Connection, runs: Runs) -> None:
    """Write the points of mlyard's runs as its server packs them: a row for each run."""
    keys = dict(connection.execute("SELECT name, id FROM keys").fetchall())
    numbers = connection.execute(f"SELECT i, runs.id FROM {runs.series()} JOIN runs ON run_id = {RUN_ID}").fetchall()
    with connection.cursor().copy("COPY metric_tails (run, number, total, points) FROM STDIN BINARY") as copy:
        copy.set_types(["int8", "int4", "int8", "bytea"])
        for i, run in numbers:
            points = {keys[f"m{k}"]: [(0, START + 1000 * i, metric(i, k))] for k in range(METRICS)}
            copy.write_row((run, 1, METRICS, tails.packed(points)))


def _log_history(connection: psycopg.Connection, run: str, key: str, first: int, last: int) -> None:
    """Write a long history as mlyard's server packs it."""
    connection.execute("INSERT INTO keys (name) VALUES (%s) ON CONFLICT DO NOTHING", [key])
    found = connection.execute(
        "SELECT runs.id, keys.id FROM runs, keys WHERE run_id = %s AND keys.name = %s", [run, key]
    )
    (pair,) = found.fetchall()
    columns = ", ".join(chunks.COLUMNS)
    with connection.cursor().copy(f"COPY metric_chunks ({columns}) FROM STDIN BINARY") as copy:
        copy.set_types(["int8", "int8", "int8", "int8", "int2", "bytea", "bytea", "bytea"])
        for start in range(first, last + 1, chunks.FULL):
            steps = range(start, min(start + chunks.FULL, last + 1))
            points = [(i, START + i, 1.0 / (1 + i) + math.sin(i / 1000.0) / 100) for i in steps]
            for row in chunks.pieces(pair, columns_of(points)):
                copy.write_row(row)
    wanted = "SELECT summary FROM metric_chunks WHERE run = %s AND key = %s ORDER BY first_step"
    packed = b"".join(each[0] for each in connection.execute(wanted, pair))
    row = figures_of_summary(pair, merge(unpack(packed)), points)
    changes = ", ".join(f"{name} = excluded.{name}" for name in FIGURES.split(", "))
    connection.execute(
        f"""INSERT INTO latest_metrics (run, key, {FIGURES}) VALUES ({", ".join(["%s"] * len(row))})
            ON CONFLICT (run, key) DO UPDATE SET {changes}""",
        row,
    )


LOADERS: dict[str, Callable[[Runs], list[str]]] = {"mlyard": _mlyard, "mlflow": _mlflow, "fasttrackml": _fasttrackml}


def _history_statements(system: str, run: str, key: str, first: int, last: int) -> list[str]:
    """Insert the points ``first`` to ``last`` of one metric, one per step."""
    value = "1.0 / (1 + i) + sin(i / 1000.0) / 100"
    series = f"generate_series({first}::bigint, {last}) AS i"
    context = system == "fasttrackml"
    many, latest = (", iter, context_id", ", last_iter, context_id") if context else ("", "")
    columns = "(run_uuid, key, value, timestamp, step, is_nan"
    more = f", i, {NO_CONTEXT}" if context else ""
    row = f"SELECT '{run}', '{key}', {value}, {START} + i, i, false{more} FROM"
    return [
        f"INSERT INTO metrics {columns}{many}) {row} {series}",
        f"DELETE FROM latest_metrics WHERE run_uuid = '{run}' AND key = '{key}'",
        f"INSERT INTO latest_metrics {columns}{latest}) {row} (SELECT {last}::bigint AS i) AS last",
    ]


@contextmanager
def _without_indexes(connection: psycopg.Connection) -> Iterator[None]:
    """Drop the indexes that do not enforce a constraint, and build them again at the end."""
    found = connection.execute(
        """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
           JOIN pg_class ON pg_class.oid = indrelid
           WHERE relnamespace = 'public'::regnamespace AND NOT indisunique AND relname IN
             ('runs', 'params', 'tags', 'metrics', 'latest_metrics')"""
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, definition in found:
        connection.execute(definition)


def _prepare(connection: psycopg.Connection) -> None:
    for setting in (
        "session_replication_role = replica",
        "synchronous_commit = off",
        "jit = off",
        "work_mem = '256MB'",
    ):
        connection.execute(f"SET {setting}")


def add_runs(connection: psycopg.Connection, system: str, *ranges: Runs) -> None:
    _prepare(connection)
    with _without_indexes(connection):
        for runs in ranges:
            for statement in LOADERS[system](runs):
                connection.execute(statement)
            if system == "mlyard":
                _log_points(connection, runs)
    settle(connection)


def add_history(connection: psycopg.Connection, system: str, run: str, key: str, first: int, last: int) -> None:
    _prepare(connection)
    if system == "mlyard":
        _log_history(connection, run, key, first, last)
    else:
        for statement in _history_statements(system, run, key, first, last):
            connection.execute(statement)
    settle(connection)


def size_of_points(connection: psycopg.Connection, system: str) -> int:
    """The bytes on disk of all points, with indexes."""
    tables = ("metric_chunks", "metric_tails") if system == "mlyard" else ("metrics",)
    row = connection.execute("SELECT sum(pg_total_relation_size(t)) FROM unnest(%s::regclass[]) AS t", [list(tables)])
    return int(row.fetchone()[0])  # type: ignore[index]


def settle(connection: psycopg.Connection) -> None:
    """Do now what autovacuum would do within minutes, and run the checkpoint that would disturb the measurement."""
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


def matching(first: int, last: int) -> int:
    """The number of runs that FILTER finds: the SQL expressions above, in Python."""

    def found(i: int) -> bool:
        low = (i * 7919 % 100003) / 100003 < 0.5
        return low and (i // PARAMS + 1) % 10 == 3 and (i // (10 * PARAMS) + 2) % 5 == 1

    return sum(found(i) for i in range(first, last + 1))
