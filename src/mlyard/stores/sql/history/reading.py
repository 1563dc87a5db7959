"""Reads histories in pieces: what is in chunks, without the points, and the tail. All inside of a snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, select

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.history import summaries, tails
from mlyard.stores.sql.history.chunks import Pair, read_chunks, read_points
from mlyard.stores.sql.history.columns import Columns, columns_of
from mlyard.stores.sql.history.summaries import Summary, summarize

_c = tables.metric_chunks.c


class Piece(NamedTuple):
    """A piece of a history: a chunk, given by its id, or the points in the tail."""

    summary: Summary
    chunk: int | None = None
    columns: Columns | None = None


History = Sequence[Piece]
"""The pieces of a history, in order."""


def read_histories(connection: Connection, runs: Collection[int], keys: Collection[int]) -> dict[Pair, History]:
    """The history of each run and key that was logged."""
    chunks = read_chunks(connection, runs, keys)
    found = {pair: [Piece(chunk.summary, chunk.id) for chunk in pieces] for pair, pieces in chunks.items()}
    for run, tail in tails.read(connection, runs, set(keys)).items():
        for key, logged in tail.items():
            points = columns_of(logged)
            found.setdefault((run, key), []).append(Piece(summarize(points), columns=points))
    return found  # type: ignore[return-value]  # a dict of lists is a dict of sequences that nobody changes


def read_pieces(connection: Connection, pieces: Sequence[Piece]) -> list[Columns]:
    """The points of each piece."""
    stored = read_points(connection, [p.chunk for p in pieces if p.columns is None and p.chunk is not None])
    return [stored[piece.chunk] if piece.columns is None else piece.columns for piece in pieces]  # type: ignore[index]


def loaded(connection: Connection, histories: Mapping[Pair, History]) -> dict[Pair, History]:
    """The same histories with all their points, read with one statement."""
    columns = iter(read_pieces(connection, [piece for history in histories.values() for piece in history]))
    return {pair: [piece._replace(columns=next(columns)) for piece in history] for pair, history in histories.items()}


def read_outlines(connection: Connection, pieces: Iterable[Piece]) -> Mapping[int, list[Summary]]:
    """The summaries of the blocks of each chunk, by the chunk's id; of a chunk with a single block, its own."""
    own = {piece.chunk: piece.summary for piece in pieces if piece.chunk is not None}
    rows = _OUTLINES.rows(connection, ids=list(own)) if own else []
    return {number: summaries.unpack(packed) or [own[number]] for number, packed in rows}


_OUTLINES = dialect.PreparedStatement(
    lambda: select(_c.id, _c.outline).where(dialect.is_in(_c.id, dialect.list_of("ids", BigInteger())))
)
