"""The history of metrics over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BufferedReader

from mlyard.domain.metrics import Figures, Metric, Sampling, Series
from mlyard.domain.page import PagedList
from mlyard.transport.session import Session
from mlyard.wire import metrics, routes, series
from mlyard.wire.message import encode

_BUFFER = 1024 * 1024


class RestMetrics:
    """ports.MetricStore."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._call = session.call

    def history(
        self, run_id: str, key: str, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Metric]:
        request = metrics.GetHistory(
            run_id=run_id, run_uuid=run_id, metric_key=key, max_results=max_results, page_token=page_token or ""
        )
        return metrics.decode_history(self._call(routes.GET_HISTORY, request))

    def history_bulk(self, run_ids: Sequence[str], key: str, max_results: int) -> list[Metric]:
        request = metrics.GetHistoryBulk(run_id=list(run_ids), metric_key=key, max_results=max_results)
        return metrics.decode_metrics(self._call(routes.GET_HISTORY_BULK, request))

    def sample(self, run_ids: Sequence[str], key: str, sampling: Sampling) -> list[Metric]:
        request = metrics.GetHistoryInterval(
            run_ids=list(run_ids),
            metric_key=key,
            start_step=sampling.start,
            end_step=sampling.end,
            max_results=sampling.count,
        )
        return metrics.decode_metrics(self._call(routes.GET_HISTORY_INTERVAL, request))

    def timeline(self, run_id: str, key: str, max_results: int | None = None, page_token: str | None = None) -> Series:
        found = self.history(run_id, key, max_results, page_token)
        return Series(
            run_id=run_id,
            key=key,
            steps=[metric.step for metric in found],
            timestamps=[metric.timestamp for metric in found],
            values=[metric.value for metric in found],
            token=found.token,
        )

    def charts(self, run_ids: Sequence[str], keys: Sequence[str], sampling: Sampling) -> list[Series]:
        request = series.GetCharts(
            run_ids=list(run_ids),
            keys=list(keys),
            start_step=sampling.start,
            end_step=sampling.end,
            max_points=sampling.count,
        )
        return series.decode_series(self._session.call(routes.GET_CHARTS, request))

    def figures(self, run_ids: Sequence[str], keys: Sequence[str] = ()) -> list[Figures]:
        request = series.GetSeries(run_ids=list(run_ids), keys=list(keys))
        return series.decode_figures(self._session.call(routes.GET_FIGURES, request))

    def series(self, run_ids: Sequence[str], keys: Sequence[str] = ()) -> Iterator[Series]:
        request = series.GetWholeSeries(run_ids=list(run_ids), keys=list(keys), format=series.ARROW)
        path = f"{routes.API}{routes.GET_SERIES.path}"
        answer = self._session.stream("POST", path, encode(request), {"Content-Type": "application/json"})
        try:
            # A buffer, because nanoarrow's own cannot be filled by urllib3.
            yield from series.decode_arrow(BufferedReader(answer, _BUFFER))
        finally:
            answer.release_conn()
