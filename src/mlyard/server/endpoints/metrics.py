"""Metric history over REST."""

from __future__ import annotations

from mlyard.server.endpoints.context import Context, Handlers
from mlyard.wire import metrics as wire
from mlyard.wire import routes
from mlyard.wire.runs import RunId, run_id_of


def register(handlers: Handlers) -> None:
    """Add this noun's handlers."""
    handlers.add(routes.GET_HISTORY, history)


def history(context: Context, request: wire.GetHistory) -> wire.HistoryAnswer:
    run_id = run_id_of(RunId(run_id=request.run_id, run_uuid=request.run_uuid))
    page = context.store.metrics.history(run_id, request.metric_key, request.max_results, request.page_token or None)
    return wire.to_history(page)
