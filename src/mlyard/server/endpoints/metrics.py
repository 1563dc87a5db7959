"""Metric history over REST."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mlyard.domain import limits
from mlyard.domain.metrics import Series
from mlyard.server.endpoints.context import Context, Handlers, Stream
from mlyard.wire import metrics as wire
from mlyard.wire import routes, series
from mlyard.wire.runs import RunId, run_id_of
from mlyard.wire.series import encode_points


def register(handlers: Handlers) -> None:
    """Add the handlers of this file."""
    handlers.add(routes.GET_HISTORY, history)
    handlers.add(routes.GET_HISTORY_BULK, history_bulk)
    handlers.add(routes.GET_HISTORY_INTERVAL, history_interval)
    handlers.add(routes.GET_CHARTS, charts)
    handlers.add(routes.GET_FIGURES, figures)
    handlers.add(routes.GET_SERIES, whole_series)


def history(context: Context, request: wire.GetHistory) -> Stream:
    run_id = run_id_of(RunId(run_id=request.run_id, run_uuid=request.run_uuid))
    page = context.store.metrics.timeline(run_id, request.metric_key, request.max_results, request.page_token or None)
    if request.max_results is None and not request.page_token:
        return Stream(_whole(context, page))
    token = b',"next_page_token":' + msgspec.json.encode(page.token) if page.token else b""
    return Stream(iter([b'{"metrics":[' + encode_points(page) + b"]" + token + b"}" if page.values else b"{}"]))


def _whole(context: Context, page: Series) -> Iterator[bytes]:
    """All points, with only one page in memory at a time."""
    if not page.values:
        yield b"{}"
        return
    yield b'{"metrics":[' + encode_points(page)
    while page.token:
        page = context.store.metrics.timeline(page.run_id, page.key, page_token=page.token)
        yield b"," + encode_points(page)
    yield b"]}"


def history_bulk(context: Context, request: wire.GetHistoryBulk) -> wire.BulkAnswer:
    wire.check_bulk(request)
    limit = limits.MAX_HISTORY if request.max_results is None else min(request.max_results, limits.MAX_HISTORY)
    return wire.encode_bulk(context.store.metrics.history_bulk(request.run_id, request.metric_key, limit))


def history_interval(context: Context, request: wire.GetHistoryInterval) -> wire.MetricsAnswer:
    wire.check_interval(request)
    sampling = wire.decode_sampling(request)
    return wire.encode_metrics(context.store.metrics.sample(request.run_ids, request.metric_key, sampling))


def charts(context: Context, request: series.GetCharts) -> series.SeriesAnswer:
    sampling = series.decode_charts(request)
    return series.encode_series(context.store.metrics.charts(request.run_ids, request.keys, sampling))


def figures(context: Context, request: series.GetSeries) -> series.FiguresAnswer:
    series.check_series(request)
    return series.encode_figures(context.store.metrics.figures(request.run_ids, request.keys))


def whole_series(context: Context, request: series.GetWholeSeries) -> Stream:
    series.check_series(request)
    found = context.store.metrics.series(request.run_ids, request.keys)
    if request.format == series.ARROW:
        return Stream(series.encode_arrow(found), series.ARROW)
    return Stream(series.encode_whole(found))
