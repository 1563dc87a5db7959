"""The runs and keys that a reader asks for, and their numbers in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, select

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.history.chunks import Pair
from mlyard.stores.sql.keys import Keys

T = TypeVar("T")

_r, _l = tables.runs.c, tables.latest_metrics.c


class Names(NamedTuple):
    """The numbers of runs, by run id, and of keys, by name."""

    runs: Mapping[str, int]
    keys: Mapping[str, int]

    def numbers(self) -> tuple[list[int], list[int]]:
        """The numbers of the runs and those of the keys."""
        return list(self.runs.values()), list(self.keys.values())

    def named(self, found: Mapping[Pair, T]) -> Iterator[tuple[str, str, T]]:
        """What was found, by run and key in this order: run id, name, and what was found."""
        runs = {run: (place, run_id) for place, (run_id, run) in enumerate(self.runs.items())}
        keys = {key: (place, name) for place, (name, key) in enumerate(self.keys.items())}
        ordered = sorted((*runs[run], *keys[key], run, key) for run, key in found if run in runs and key in keys)
        for _, run_id, _, name, run, key in ordered:
            yield run_id, name, found[run, key]

    def of_runs(self, run_ids: Sequence[str]) -> Names:
        """Only some of the runs."""
        return Names({run_id: self.runs[run_id] for run_id in run_ids}, self.keys)

    def batches(self, lengths: Mapping[Pair, int], size: int) -> Iterator[Names]:
        """In order, batches of at most ``size`` points; the history of one metric that is longer is one by itself."""
        of_runs: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for run_id, name, length in self.named(lengths):
            of_runs[run_id][name] = length
        totals = {run_id: sum(of_keys.values()) for run_id, of_keys in of_runs.items()}
        for some in _batches(totals, size):
            if sum(totals[run_id] for run_id in some) <= size:
                yield self.of_runs(some)
            else:
                for names in _batches(of_runs[some[0]], size):
                    yield Names(self.of_runs(some).runs, {name: self.keys[name] for name in names})


def _batches(lengths: Mapping[str, int], size: int) -> Iterator[list[str]]:
    """In order, batches of names whose lengths are ``size`` together at most; what is longer is one by itself."""
    waiting: list[str] = []
    total = 0
    for name, length in lengths.items():
        if waiting and total + length > size:
            yield waiting
            waiting, total = [], 0
        waiting.append(name)
        total += length
    if waiting:
        yield waiting


def read_names(connection: Connection, keys: Keys, run_ids: Sequence[str], wanted: Mapping[str, int] | None) -> Names:
    """The runs that exist, in the order given, and the keys: those that are wanted, or all that the runs have."""
    rows = connection.execute(select(_r.run_id, _r.id).where(dialect.in_values(_r.run_id, run_ids)))
    numbers = {row.run_id: row.id for row in rows}
    runs = {run_id: numbers[run_id] for run_id in run_ids if run_id in numbers}
    if wanted is None:
        used = select(_l.key).where(dialect.in_values(_l.run, runs.values())).distinct()
        found = keys.names(connection, set(connection.scalars(used)))
        wanted = dict(sorted((name, number) for number, name in found.items()))
    return Names(runs, wanted)
