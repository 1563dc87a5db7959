"""Metrics: numbers logged over time."""

from __future__ import annotations

from mlyard.core.errors import InvalidParameter
from mlyard.domain.entity import Entity

_INT64 = 2**63


class Metric(Entity, frozen=True, gc=False):
    """One point of a metric.

    Args:
        key: The name of the metric.
        value: The value, any float, including NaN and infinities.
        timestamp: When it was measured, in milliseconds since the epoch.
        step: The step of the training, such as the epoch. Default: 0.
        model_id: The logged model that was measured. None if it is not known. Default: None.
        dataset_name: The dataset that it was measured on. None if it is not known. Default: None.
        dataset_digest: The digest of that dataset. None if it is not known. Default: None.
        run_id: The run that measured it. Only the metrics of logged models have it; None for others. Default: None.

    Example:
        >>> import mlyard
        >>> from mlyard.entities import Metric
        >>> client = mlyard.MlyardClient()
        >>> run_id = client.create_run("0").info.run_id
        >>> client.log_batch(run_id, metrics=[Metric(key="loss", value=1 / n, timestamp=0, step=n) for n in (1, 2)])
        >>> [(point.step, point.value) for point in client.get_metric_history(run_id, "loss")]
        [(1, 1.0), (2, 0.5)]
    """

    key: str
    value: float
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None
    run_id: str | None = None


class Sampling(Entity, frozen=True, kw_only=True):
    """Asks for at most ``count`` points per run, spread over the steps from ``start`` to ``end``."""

    count: int
    start: int | None = None
    end: int | None = None


def check_point(metric: Metric) -> None:
    """Check that step and timestamp fit in 64 bits. Raises InvalidParameter."""
    for field, number in (("step", metric.step), ("timestamp", metric.timestamp)):
        if not -_INT64 <= number < _INT64:
            raise InvalidParameter(f"Metric '{metric.key}': the {field} {number} does not fit in 64 bits.")


def parse_value(value: float | str, key: str) -> float:
    """The value of a metric that a client sent as a number or as text. Raises InvalidParameter."""
    try:
        return float(value)
    except ValueError:
        raise InvalidParameter(
            f"Invalid value \"{value}\" for parameter 'value' supplied: metric {key!r} must be a number, "
            "'NaN', 'Infinity' or '-Infinity'. Hint: Value was of type 'str'."
        ) from None
