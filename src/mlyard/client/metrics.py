"""The client's calls that read metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlyard.client.arguments import several
from mlyard.client.backends import Backend
from mlyard.domain import limits
from mlyard.domain.metrics import Figures, Metric, Series


class MetricCalls:
    """Calls that read the history of metrics, and what is known of it as a whole."""

    _tracking: Backend

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """Return all points of a metric, by timestamp, step and value.

        Args:
            run_id: Id of the run.
            key: Name of the metric.

        Returns:
            The points; empty if the metric was never logged.

        Raises:
            DoesNotExist: No run has this id.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> for step in range(2):
            ...     client.log_metric(run_id, "loss", 1 / (1 + step), timestamp=step, step=step)
            >>> [(point.step, point.value) for point in client.get_metric_history(run_id, "loss")]
            [(0, 1.0), (1, 0.5)]
        """
        points: list[Metric] = []
        token: str | None = None
        while True:
            page = self._tracking.store.metrics.history(run_id, key, page_token=token)
            points += page
            token = page.token
            if not token:
                return points

    def get_metric_series(
        self, run_ids: Sequence[str] | str, keys: Sequence[str] | str | None = None
    ) -> Iterator[Series]:
        """Read whole histories of several metrics in several runs as columns, which is much faster than as points.

        Args:
            run_ids: Ids of the runs, or one of them. Those that do not exist are left out.
            keys: Names of the metrics, or one of them. Default: all metrics of the runs.

        Returns:
            For each run and metric, its ``steps``, ``timestamps`` (in milliseconds since 1970) and ``values``, in the
            order of the steps. A long history comes in several pieces, one after the other.

        Raises:
            InvalidParameter: There are too many keys.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> for step in range(3):
            ...     client.log_metric(run_id, "loss", 1 / (1 + step), timestamp=step, step=step)
            >>> [(series.key, list(series.steps)) for series in client.get_metric_series(run_id)]
            [('loss', [0, 1, 2])]
        """
        for some in _in_groups(several(run_ids)):
            yield from self._tracking.store.metrics.series(some, several(keys))

    def get_metric_figures(
        self, run_ids: Sequence[str] | str, keys: Sequence[str] | str | None = None
    ) -> list[Figures]:
        """Return the count, the first, last, smallest and largest value and the mean of metrics.

        Args:
            run_ids: Ids of the runs, or one of them. Those that do not exist are left out.
            keys: Names of the metrics, or one of them. Default: all metrics of the runs.

        Returns:
            The figures of each metric that was logged in each run.

        Raises:
            InvalidParameter: There are too many keys.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> for step, loss in enumerate((0.9, 0.3, 0.6)):
            ...     client.log_metric(run_id, "loss", loss, step=step)
            >>> (loss,) = client.get_metric_figures(run_id, "loss")
            >>> loss.first, loss.min, loss.last, loss.count
            (0.9, 0.3, 0.6, 3)
        """
        metrics = self._tracking.store.metrics
        return [each for some in _in_groups(several(run_ids)) for each in metrics.figures(some, several(keys))]


def _in_groups(run_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many runs at a time as a request may name."""
    for start in range(0, len(run_ids), limits.MAX_SERIES_RUNS):
        yield run_ids[start : start + limits.MAX_SERIES_RUNS]
