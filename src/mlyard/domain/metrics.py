"""Metrics: numbers logged over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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


class Series(Entity, frozen=True, kw_only=True):
    """Points of one metric of one run, as columns of equal length.

    Args:
        run_id: The run.
        key: The name of the metric.
        steps: The step of each point.
        timestamps: The time of each point, in milliseconds since the epoch.
        values: The value of each point, any float, including NaN and infinities.
        token: Where the next page begins. None if this is the last page, or no page at all. Default: None.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     for step, loss in enumerate((0.9, 0.3)):
        ...         mlyard.log_metric("loss", loss, step=step)
        >>> (series,) = mlyard.MlyardClient().get_metric_series(run.info.run_id)
        >>> list(series.steps), list(series.values)
        ([0, 1], [0.9, 0.3])
    """

    run_id: str
    key: str
    steps: Sequence[int]
    timestamps: Sequence[int]
    values: Sequence[float]
    token: str | None = None

    def metrics(self, *, with_run: bool = False) -> Iterator[Metric]:
        """The points, one by one; ``with_run``: with their ``run_id``."""
        run_id = self.run_id if with_run else None
        for step, timestamp, value in zip(self.steps, self.timestamps, self.values, strict=True):
            yield Metric(self.key, value, timestamp, step, run_id=run_id)


class Figures(Entity, frozen=True, kw_only=True):
    """What is known of one metric of one run without reading its history.

    Args:
        run_id: The run.
        key: The name of the metric.
        count: The number of points.
        step: The step of the latest point, which is the one with the largest step.
        timestamp: The time of the latest point, in milliseconds since the epoch.
        last: The value of the latest point.
        first: The value of the point with the smallest step.
        min: The smallest value. If all values are NaN, this is NaN too, and so are ``max`` and ``mean``.
        max: The largest value.
        mean: The mean of all values but NaN.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     for step, loss in enumerate((0.9, 0.3, 0.6)):
        ...         mlyard.log_metric("loss", loss, step=step)
        >>> (loss,) = mlyard.MlyardClient().get_metric_figures([run.info.run_id])
        >>> loss.first, loss.min, loss.last, loss.count
        (0.9, 0.3, 0.6, 3)
    """

    run_id: str
    key: str
    count: int
    step: int
    timestamp: int
    last: float
    first: float
    min: float
    max: float
    mean: float


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
