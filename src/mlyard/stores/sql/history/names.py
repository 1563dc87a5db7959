"""The runs and keys that a reader asks for, and their numbers in the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.history.chunks import Pair
from mlyard.stores.sql.keys import Keys

_r, _l = tables.runs.c, tables.latest_metrics.c


class Names(NamedTuple):
    """The numbers of runs, by run id, and of keys, by name."""

    runs: Mapping[str, int]
    keys: Mapping[str, int]

    def numbers(self) -> tuple[list[int], list[int]]:
        """The numbers of the runs and those of the keys."""
        return list(self.runs.values()), list(self.keys.values())

    def pairs(self) -> Iterator[tuple[str, str, Pair]]:
        """Each run with each key: run id, name, and both numbers."""
        for run_id, run in self.runs.items():
            for key, number in self.keys.items():
                yield run_id, key, (run, number)

    def of_runs(self, run_ids: Sequence[str]) -> Names:
        """Only some of the runs."""
        return Names({run_id: self.runs[run_id] for run_id in run_ids}, self.keys)

    def batches(self, lengths: Mapping[Pair, int], size: int) -> Iterator[Names]:
        """In order, batches of at most ``size`` points; the history of one metric that is longer is one by itself."""
        waiting: dict[str, int] = {}
        total = 0
        for run_id, run in self.runs.items():
            length = sum(lengths.get((run, key), 0) for key in self.keys.values())
            if waiting and total + length > size:
                yield self.of_runs(list(waiting))
                waiting, total = {}, 0
            if length > size:
                yield from self.of_runs([run_id])._by_key(lengths, size)
            elif length:
                waiting[run_id] = run
                total += length
        if waiting:
            yield self.of_runs(list(waiting))

    def _by_key(self, lengths: Mapping[Pair, int], size: int) -> Iterator[Names]:
        """Batches of the keys of a single run."""
        (run,) = self.runs.values()
        waiting: dict[str, int] = {}
        total = 0
        for name, key in self.keys.items():
            length = lengths.get((run, key), 0)
            if waiting and total + length > size:
                yield Names(self.runs, waiting)
                waiting, total = {}, 0
            if length:
                waiting[name] = key
                total += length
        if waiting:
            yield Names(self.runs, waiting)


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
