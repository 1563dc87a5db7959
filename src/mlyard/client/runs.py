"""Calls of the client about runs and their metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mlyard.client.arguments import texts, view_of
from mlyard.client.backends import Backend
from mlyard.core.clock import now_ms
from mlyard.core.errors import InvalidParameter
from mlyard.domain.metrics import Metric
from mlyard.domain.page import ACTIVE_ONLY, PagedList, ScopedQuery
from mlyard.domain.runs import FINISHED, ModelOutput, NewRun, Param, Run, RunBatch, RunTag


class RunCalls:
    """Calls about runs and their metrics, params and tags."""

    _tracking: Backend

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: Mapping[str, Any] | None = None,
        run_name: str | None = None,
    ) -> Run:
        """A running run; ``start_time`` in ms."""
        labels = texts(tags)
        new = NewRun(
            experiment_id=str(experiment_id),
            user_id=labels.get("mlflow.user", ""),
            run_name=run_name or "",
            start_time=now_ms() if start_time is None else start_time,
            tags=labels,
        )
        return self._tracking.store.runs.create(new)

    def get_run(self, run_id: str) -> Run:
        """A run with its data. Raises DoesNotExist."""
        return self._tracking.store.runs.get(run_id)

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        filter_string: str = "",
        run_view_type: int | str = ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Run]:
        """One page of runs."""
        query = ScopedQuery(
            experiment_ids=tuple(str(i) for i in experiment_ids),
            filter=filter_string,
            order_by=tuple(order_by or ()),
            max_results=max_results,
            page_token=page_token,
            view=view_of(run_view_type),
        )
        return self._tracking.store.runs.search(query)

    def log_metric(
        self,
        run_id: str,
        key: str,
        value: float,
        timestamp: int | None = None,
        step: int | None = None,
        synchronous: bool | None = None,
        dataset_name: str | None = None,
        dataset_digest: str | None = None,
        model_id: str | None = None,
    ) -> None:
        """One point; ``timestamp`` in ms, now when it is not given. With ``model_id``, of that model too."""
        metric = metric_of(key, value, timestamp, step, model_id)
        if dataset_name:
            metric = msgspec.structs.replace(metric, dataset_name=dataset_name, dataset_digest=dataset_digest)
        self.log_batch(run_id, metrics=[metric])

    def log_param(self, run_id: str, key: str, value: Any) -> Any:
        """Set a param. Raises InvalidParameter when it has another value already."""
        self.log_batch(run_id, params=[Param(key=key, value=str(value))])
        return value

    def set_tag(self, run_id: str, key: str, value: Any) -> None:
        """Set or change a tag."""
        self.log_batch(run_id, tags=[RunTag(key=key, value=str(value))])

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[RunTag] = (),
    ) -> None:
        """All of it or nothing."""
        batch = RunBatch(metrics=tuple(metrics), params=tuple(params), tags=tuple(tags))
        self._tracking.store.runs.log_batch(run_id, batch)

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag. Raises DoesNotExist."""
        self._tracking.store.runs.delete_tag(run_id, key)

    def update_run(self, run_id: str, status: str | None = None, name: str | None = None) -> None:
        """Change a run's status or name."""
        self._tracking.store.runs.update(run_id, status=status, run_name=name)

    def set_terminated(self, run_id: str, status: str | None = None, end_time: int | None = None) -> None:
        """End a run: FINISHED and now, when not told otherwise."""
        ended = now_ms() if end_time is None else end_time
        self._tracking.store.runs.update(run_id, status=status or FINISHED, end_time=ended)

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted."""
        self._tracking.store.runs.delete(run_id)

    def restore_run(self, run_id: str) -> None:
        """Undo ``delete_run``."""
        self._tracking.store.runs.restore(run_id)

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """All points of a metric by step, timestamp and value."""
        points: list[Metric] = []
        token: str | None = None
        while True:
            page = self._tracking.store.metrics.history(run_id, key, page_token=token)
            points += page
            token = page.token
            if not token:
                return points

    def log_outputs(self, run_id: str, models: Sequence[ModelOutput]) -> None:
        """Link logged models to the run that made them."""
        self._tracking.store.runs.log_outputs(run_id, models)


def metric_of(
    key: str, value: float, timestamp: int | None = None, step: int | None = None, model_id: str | None = None
) -> Metric:
    """A point from what a user passes: anything that ``float()`` takes. Raises InvalidParameter."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidParameter(
            f"Invalid value {value!r} for parameter 'value' supplied: metric {key!r} must be a number. "
            f"Hint: Value was of type '{type(value).__name__}'."
        ) from None
    return Metric(
        key=key,
        value=number,
        timestamp=now_ms() if timestamp is None else int(timestamp),
        step=int(step or 0),
        model_id=model_id,
    )
