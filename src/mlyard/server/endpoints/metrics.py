"""Metric history over REST."""

from __future__ import annotations

from collections.abc import Iterator

from mlyard.domain import limits
from mlyard.server.endpoints.context import Context, Handlers, Stream
from mlyard.wire import metrics as wire
from mlyard.wire import routes
from mlyard.wire.runs import RunId, run_id_of


def register(handlers: Handlers) -> None:
    """Add the handlers of this file."""
    handlers.add(routes.GET_HISTORY, history)
    handlers.add(routes.GET_HISTORY_BULK, history_bulk)
    handlers.add(routes.GET_HISTORY_INTERVAL, history_interval)


def history(context: Context, request: wire.GetHistory) -> wire.HistoryAnswer | Stream:
    run_id = run_id_of(RunId(run_id=request.run_id, run_uuid=request.run_uuid))
    if request.max_results is None and not request.page_token:
        return Stream(_whole(context, run_id, request.metric_key))
    page = context.store.metrics.history(run_id, request.metric_key, request.max_results, request.page_token or None)
    return wire.encode_history(page)


def _whole(context: Context, run_id: str, key: str) -> Iterator[bytes]:
    """All points, with only one page in memory at a time."""
    page = context.store.metrics.history(run_id, key)
    if not page:
        yield b"{}"
        return
    yield b'{"metrics":[' + wire.encode_points(page)
    while page.token:
        page = context.store.metrics.history(run_id, key, page_token=page.token)
        yield b"," + wire.encode_points(page)
    yield b"]}"


def history_bulk(context: Context, request: wire.GetHistoryBulk) -> wire.BulkAnswer:
    wire.check_bulk(request)
    limit = limits.MAX_HISTORY if request.max_results is None else min(request.max_results, limits.MAX_HISTORY)
    return wire.encode_bulk(context.store.metrics.history_bulk(request.run_id, request.metric_key, limit))


def history_interval(context: Context, request: wire.GetHistoryInterval) -> wire.MetricsAnswer:
    wire.check_interval(request)
    sampling = wire.decode_sampling(request)
    return wire.encode_metrics(context.store.metrics.sample(request.run_ids, request.metric_key, sampling))
