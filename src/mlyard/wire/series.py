"""Columns of points on the wire: for charts as JSON, whole histories as an Arrow stream.

The stream has a row for each piece of a history, in order, with the columns ``run_id``, ``key``, ``step``,
``timestamp`` and ``value``. The last three are lists, so that the names are not repeated for every point.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate, chain, pairwise, repeat
from math import isfinite
from typing import Any, Literal

import msgspec

from mlyard.core.errors import InvalidParameter, TemporarilyUnavailable
from mlyard.core.lazy import need
from mlyard.domain import limits
from mlyard.domain.metrics import Figures, Sampling, Series
from mlyard.wire.message import Int64, Message, RequiredList, encode_float

ARROW: Literal["application/vnd.apache.arrow.stream"] = "application/vnd.apache.arrow.stream"
_NAMES = ("run_id", "key")
_ROWS_AT_ONCE = 1000
_POINTS_AT_ONCE = 250_000


class GetSeries(Message, kw_only=True):
    run_ids: RequiredList
    keys: list[str] = []


class GetCharts(GetSeries, kw_only=True):
    start_step: Int64 | None = None
    end_step: Int64 | None = None
    max_points: Int64 | None = None


class GetWholeSeries(GetSeries, kw_only=True):
    format: Literal["application/json", "application/vnd.apache.arrow.stream"] = "application/json"


class SeriesOut(Message, kw_only=True, omit_defaults=False):
    run_id: str
    key: str
    steps: list[Int64] = []
    timestamps: list[Int64] = []
    values: list[float | str] = []


class SeriesAnswer(Message, kw_only=True):
    series: list[SeriesOut] = []


class FiguresOut(Message, kw_only=True, omit_defaults=False):
    run_id: str
    key: str
    count: Int64
    step: Int64
    timestamp: Int64
    last: float | str
    first: float | str
    min: float | str
    max: float | str
    mean: float | str


class FiguresAnswer(Message, kw_only=True):
    figures: list[FiguresOut] = []


def decode_charts(request: GetCharts) -> Sampling:
    """Raises InvalidParameter for limits that make no sense."""
    check_series(request)
    count = limits.MAX_CHART_POINTS if request.max_points is None else request.max_points
    if not limits.MIN_CHART_POINTS <= count <= limits.MAX_CHART_POINTS:
        raise InvalidParameter(
            f"max_points must be between {limits.MIN_CHART_POINTS} and {limits.MAX_CHART_POINTS}, not {count}."
        )
    start, end = request.start_step, request.end_step
    if (start is None) != (end is None):
        raise InvalidParameter("start_step and end_step must be given together.")
    if start is not None and end is not None and end < start:
        raise InvalidParameter(f"end_step must not be smaller than start_step: {end} < {start}.")
    return Sampling(count=count, start=start, end=end)


def check_series(request: GetSeries) -> None:
    """Check the number of runs and keys. Raises InvalidParameter."""
    for name, given, most in (
        ("run_ids", request.run_ids, limits.MAX_SERIES_RUNS),
        ("keys", request.keys, limits.MAX_SERIES_KEYS),
    ):
        if len(given) > most:
            raise InvalidParameter(f"{name} must have at most {most} items, not {len(given)}.")


def encode_series(found: Iterable[Series]) -> SeriesAnswer:
    return SeriesAnswer(
        series=[
            SeriesOut(
                run_id=each.run_id,
                key=each.key,
                steps=list(each.steps),
                timestamps=list(each.timestamps),
                values=_floats(each.values),
            )
            for each in found
        ]
    )


def encode_whole(found: Iterable[Series]) -> Iterator[bytes]:
    """A ``SeriesAnswer`` in parts."""
    before = b'{"series":['
    for each in found:
        yield before + msgspec.json.encode(encode_series([each]).series[0])
        before = b","
    yield b"]}" if before == b"," else b'{"series":[]}'


def decode_series(answer: SeriesAnswer) -> list[Series]:
    return [
        Series(
            run_id=each.run_id,
            key=each.key,
            steps=each.steps,
            timestamps=each.timestamps,
            values=[float(value) for value in each.values],
        )
        for each in answer.series
    ]


def encode_figures(found: Iterable[Figures]) -> FiguresAnswer:
    return FiguresAnswer(figures=[FiguresOut(**{name: _number(value) for name, value in each}) for each in found])


def _number(value: Any) -> Any:
    return encode_float(value) if isinstance(value, float) else value


def decode_figures(answer: FiguresAnswer) -> list[Figures]:
    return [
        Figures(
            run_id=each.run_id,
            key=each.key,
            count=each.count,
            step=each.step,
            timestamp=each.timestamp,
            **{name: float(getattr(each, name)) for name in ("last", "first", "min", "max", "mean")},
        )
        for each in answer.figures
    ]


def encode_points(series: Series) -> bytes:
    """Points as the elements of a JSON list, without its brackets, in the form of MLflow's route for histories.

    The columns are encoded whole and then woven together, which is five times as fast as to encode point by point.
    """
    encode = msgspec.json.encode
    values, timestamps, steps = (
        encode(column)[1:-1].split(b",")
        for column in (_floats(series.values), list(series.timestamps), list(series.steps))
    )
    before = b'},{"key":%b,"value":' % encode(series.key)
    woven = zip(repeat(before), values, repeat(b',"timestamp":'), timestamps, repeat(b',"step":'), steps)
    return b"".join(chain.from_iterable(woven))[2:] + b"}"


def encode_arrow(found: Iterable[Series]) -> Iterator[bytes]:
    """An Arrow stream, in parts."""
    # Imported here, because most servers are never asked for one.
    from nanoarrow.ipc import StreamWriter

    out = BytesIO()
    with StreamWriter.from_writable(out) as writer:
        writer.write_array(_record_batch([]))  # the schema
        for batch in _batches(found):
            writer.write_array(_record_batch(batch))
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def decode_arrow(stream: Any) -> Iterator[Series]:
    """Undo ``encode_arrow``. ``stream``: a file that is open for reading bytes.

    Raises TemporarilyUnavailable if the stream breaks off.
    """
    nanoarrow: Any = need("nanoarrow", "models")
    try:
        yield from _decoded(nanoarrow.ArrayStream.from_readable(stream))
    except RuntimeError as error:  # nanoarrow's own is derived from it
        raise TemporarilyUnavailable(f"The stream of points broke off. Try again. {error}") from None


def _decoded(stream: Any) -> Iterator[Series]:
    for batch in stream.iter_chunks():
        run_ids, keys = (batch.child(number).to_pylist() for number in (0, 1))
        columns = [_lists(batch.child(number)) for number in (2, 3, 4)] if run_ids else []
        for run_id, key, steps, timestamps, values in zip(run_ids, keys, *columns, strict=bool(columns)):
            yield Series(run_id=run_id, key=key, steps=steps, timestamps=timestamps, values=values)


def _batches(found: Iterable[Series]) -> Iterator[list[Series]]:
    batch: list[Series] = []
    points = 0
    for series in found:
        batch.append(series)
        points += len(series.values)
        if points >= _POINTS_AT_ONCE or len(batch) == _ROWS_AT_ONCE:
            yield batch
            batch, points = [], 0
    if batch:
        yield batch


def _record_batch(batch: Sequence[Series]) -> Any:
    import nanoarrow

    offsets = array("i", accumulate((len(series.values) for series in batch), initial=0))
    lists = {
        "step": ("q", nanoarrow.int64()),
        "timestamp": ("q", nanoarrow.int64()),
        "value": ("d", nanoarrow.float64()),
    }
    columns = [nanoarrow.c_array([getattr(series, name) for series in batch], nanoarrow.string()) for name in _NAMES]
    for name, (typecode, item) in lists.items():
        flat = array(typecode)
        for series in batch:
            flat.extend(getattr(series, f"{name}s"))
        child = nanoarrow.c_array_from_buffers(item, len(flat), [None, flat])
        columns.append(
            nanoarrow.c_array_from_buffers(nanoarrow.list_(item), len(batch), [None, offsets], children=[child])
        )
    types = {name: nanoarrow.string() for name in _NAMES} | {
        name: nanoarrow.list_(item) for name, (_, item) in lists.items()
    }
    return nanoarrow.c_array_from_buffers(nanoarrow.struct(types), len(batch), [None], children=columns)


def _lists(column: Any) -> list[memoryview]:
    """The lists of a column, which share its memory."""
    offsets, values = memoryview(column.buffers[1]), memoryview(column.child(0).buffers[1])
    return [values[start:end] for start, end in pairwise(offsets)]


def _floats(values: Iterable[float]) -> list[float | str]:
    """Values as protobuf's JSON has them: NaN and infinities as text."""
    listed = list(values)
    return listed if all(map(isfinite, listed)) else [encode_float(value) for value in listed]  # type: ignore[return-value]
