"""Metrics on the wire."""

from __future__ import annotations

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.domain import limits
from mlyard.domain import metrics as domain
from mlyard.domain.page import PagedList
from mlyard.wire.message import Int64, Message, Required, RequiredList, encode_float


class Metric(Message, kw_only=True):
    key: str
    value: float | str
    timestamp: Int64
    step: Int64 = 0
    dataset_name: str | None = None
    dataset_digest: str | None = None
    model_id: str | None = None
    run_id: str | None = None


class LogMetric(Message, kw_only=True):
    run_id: str = ""
    run_uuid: str = ""
    key: Required
    value: float | str
    timestamp: Int64
    step: Int64 = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class GetHistory(Message, kw_only=True):
    run_id: str = ""
    run_uuid: str = ""
    metric_key: Required
    page_token: str = ""
    max_results: Int64 | None = None


class GetHistoryBulk(Message, kw_only=True):
    run_id: list[str] = []
    metric_key: str = ""
    max_results: Int64 | None = None


class GetHistoryInterval(Message, kw_only=True):
    run_ids: RequiredList
    metric_key: Required
    start_step: Int64 | None = None
    end_step: Int64 | None = None
    max_results: Int64 | None = None


class MetricOut(Message, kw_only=True, omit_defaults=False, gc=False):
    """A point as the server sends it: with the step even if it is 0."""

    key: str
    value: float | str
    timestamp: Int64
    step: Int64 = 0
    dataset_name: str | msgspec.UnsetType = msgspec.UNSET
    dataset_digest: str | msgspec.UnsetType = msgspec.UNSET
    model_id: str | msgspec.UnsetType = msgspec.UNSET
    run_id: str | msgspec.UnsetType = msgspec.UNSET


class MetricsAnswer(Message, kw_only=True):
    metrics: list[MetricOut] = []


class BulkAnswer(Message, kw_only=True, omit_defaults=False):
    """The list is sent even if it is empty."""

    metrics: list[MetricOut] = []


class HistoryAnswer(Message, kw_only=True):
    metrics: list[MetricOut] = []
    next_page_token: str | None = None


def encode_metric_out(metric: domain.Metric) -> MetricOut:
    return MetricOut(key=metric.key, value=encode_float(metric.value), timestamp=metric.timestamp, step=metric.step)


def encode_linked_metric(metric: domain.Metric) -> MetricOut:
    """Unlike ``encode_metric_out``, with the point's run, model and dataset."""
    unset = msgspec.UNSET
    return MetricOut(
        key=metric.key,
        value=encode_float(metric.value),
        timestamp=metric.timestamp,
        step=metric.step,
        dataset_name=metric.dataset_name or unset,
        dataset_digest=metric.dataset_digest or unset,
        model_id=metric.model_id or unset,
        run_id=metric.run_id or unset,
    )


def decode_metric(message: Metric | LogMetric) -> domain.Metric:
    """Raises InvalidParameter when the value is not a number."""
    return domain.Metric(
        key=message.key,
        value=domain.parse_value(message.value, message.key),
        timestamp=message.timestamp,
        step=message.step,
        model_id=message.model_id,
        dataset_name=message.dataset_name,
        dataset_digest=message.dataset_digest,
    )


def decode_metric_out(message: MetricOut) -> domain.Metric:
    return domain.Metric(
        key=message.key,
        value=domain.parse_value(message.value, message.key),
        timestamp=message.timestamp,
        step=message.step,
        model_id=message.model_id or None,
        dataset_name=message.dataset_name or None,
        dataset_digest=message.dataset_digest or None,
        run_id=message.run_id or None,
    )


def encode_metric(metric: domain.Metric) -> Metric:
    return Metric(
        key=metric.key,
        value=encode_float(metric.value),
        timestamp=metric.timestamp,
        step=metric.step,
        model_id=metric.model_id,
        dataset_name=metric.dataset_name,
        dataset_digest=metric.dataset_digest,
    )


def encode_history(page: PagedList[domain.Metric]) -> HistoryAnswer:
    return HistoryAnswer(metrics=[encode_metric_out(m) for m in page], next_page_token=page.token)


def decode_history(answer: HistoryAnswer) -> PagedList[domain.Metric]:
    return PagedList([decode_metric_out(m) for m in answer.metrics], answer.next_page_token)


def encode_metrics(found: list[domain.Metric]) -> MetricsAnswer:
    return MetricsAnswer(metrics=[encode_linked_metric(m) for m in found])


def encode_bulk(found: list[domain.Metric]) -> BulkAnswer:
    return BulkAnswer(metrics=[encode_linked_metric(m) for m in found])


def decode_metrics(answer: MetricsAnswer | BulkAnswer) -> list[domain.Metric]:
    return [decode_metric_out(m) for m in answer.metrics]


def decode_sampling(message: GetHistoryInterval) -> domain.Sampling:
    """Raises InvalidParameter for limits that make no sense."""
    count = limits.MAX_SAMPLES if message.max_results is None else message.max_results
    start, end = message.start_step, message.end_step
    if not 1 <= count <= limits.MAX_SAMPLES:
        raise InvalidParameter(f"max_results must be between 1 and {limits.MAX_SAMPLES}, not {count}.")
    if (start is None) != (end is None):
        raise InvalidParameter("If either start step or end step are specified, both must be specified.")
    if start is not None and end is not None and end < start:
        raise InvalidParameter(
            f"end_step must be greater than start_step. Found start_step={start} and end_step={end}."
        )
    return domain.Sampling(count=count, start=start, end=end)


def check_bulk(request: GetHistoryBulk) -> None:
    """Check that there are runs and a key, and not too many runs. Raises InvalidParameter, in MLflow's words."""
    if not request.run_id:
        raise InvalidParameter("GetMetricHistoryBulk request must specify at least one run_id.")
    if len(request.run_id) > limits.MAX_HISTORY_RUNS:
        raise InvalidParameter(
            f"GetMetricHistoryBulk request cannot specify more than {limits.MAX_HISTORY_RUNS} run_ids. "
            f"Received {len(request.run_id)} run_ids."
        )
    if not request.metric_key:
        raise InvalidParameter("GetMetricHistoryBulk request must specify a metric_key.")


def check_interval(request: GetHistoryInterval) -> None:
    """Check the number of runs. Raises InvalidParameter, in MLflow's words."""
    if len(request.run_ids) > limits.MAX_HISTORY_RUNS:
        raise InvalidParameter(
            f"GetMetricHistoryBulkInterval request must specify at most {limits.MAX_HISTORY_RUNS} run_ids. "
            f"Received {len(request.run_ids)} run_ids."
        )
