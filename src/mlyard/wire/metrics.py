"""Metrics on the wire."""

from __future__ import annotations

from mlyard.domain import metrics as domain
from mlyard.domain.page import PagedList
from mlyard.wire.message import Message, Required, number


class Metric(Message, kw_only=True):
    key: str
    value: float | str
    timestamp: int
    step: int = 0
    dataset_name: str | None = None
    dataset_digest: str | None = None
    model_id: str | None = None
    run_id: str | None = None


class LogMetric(Message, kw_only=True):
    run_id: str = ""
    run_uuid: str = ""
    key: Required
    value: float | str
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class GetHistory(Message, kw_only=True):
    run_id: str = ""
    run_uuid: str = ""
    metric_key: Required
    page_token: str = ""
    max_results: int | None = None


class MetricOut(Message, kw_only=True, omit_defaults=False):
    """A point as the server prints it: the step is there even when it is 0."""

    key: str
    value: float | str
    timestamp: int
    step: int


class HistoryAnswer(Message, kw_only=True):
    metrics: list[MetricOut] = []
    next_page_token: str | None = None


def to_metric(metric: domain.Metric) -> MetricOut:
    """Domain to wire."""
    return MetricOut(key=metric.key, value=number(metric.value), timestamp=metric.timestamp, step=metric.step)


def from_metric(message: Metric | MetricOut | LogMetric) -> domain.Metric:
    """Wire to domain. Raises InvalidParameter when the value is no number."""
    return domain.Metric(
        key=message.key,
        value=domain.parse_value(message.value, message.key),
        timestamp=message.timestamp,
        step=message.step,
        model_id=getattr(message, "model_id", None),
    )


def to_request(metric: domain.Metric) -> Metric:
    """Domain to wire, as a client sends it."""
    return Metric(
        key=metric.key,
        value=number(metric.value),
        timestamp=metric.timestamp,
        step=metric.step,
        model_id=metric.model_id,
    )


def to_history(page: PagedList[domain.Metric]) -> HistoryAnswer:
    """Domain to wire."""
    return HistoryAnswer(metrics=[to_metric(m) for m in page], next_page_token=page.token)


def from_history(answer: HistoryAnswer) -> PagedList[domain.Metric]:
    """Wire to domain."""
    return PagedList([from_metric(m) for m in answer.metrics], answer.next_page_token)
