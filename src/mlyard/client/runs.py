"""The client's calls about runs and their metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.arguments import several, texts, view_of
from mlyard.client.backends import Backend
from mlyard.client.batches import batches
from mlyard.client.operations import RunOperations, operations
from mlyard.client.values import checked_metric, checked_params, checked_tags, metric_of, whole
from mlyard.core.clock import now_ms
from mlyard.domain.inputs import Dataset
from mlyard.domain.metrics import Metric
from mlyard.domain.page import ACTIVE_ONLY, PagedList, ScopedQuery
from mlyard.domain.runs import FINISHED, ModelOutput, NewRun, Param, Run, RunTag


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
        """Create a run with the status RUNNING; ``set_terminated`` ends it.

        Args:
            experiment_id: Experiment of the run.
            start_time: Start in milliseconds since 1970. Default: now.
            tags: Tags; values are stored as text. Default: none.
            run_name: Name of the run. Default: a random one.

        Returns:
            The run.

        Raises:
            DoesNotExist: No experiment has this id.
            InvalidParameter: A tag, the name or the experiment's id is not valid, or the experiment is deleted.

        Example:
            >>> from mlyard import MlyardClient
            >>> run = MlyardClient().create_run("0", tags={"kind": "trial"}, run_name="first")
            >>> run.info.run_name, run.info.status
            ('first', 'RUNNING')
        """
        labels = texts(tags)
        new = NewRun(
            experiment_id=str(experiment_id),
            user_id=labels.get("mlflow.user", ""),
            run_name=run_name or "",
            start_time=now_ms() if start_time is None else whole(start_time, "start_time", "a run"),
            tags=labels,
        )
        return self._tracking.store.runs.create(new)

    def get_run(self, run_id: str) -> Run:
        """Return a run with its params, tags and latest metrics, even if it is deleted.

        Args:
            run_id: Id of the run.

        Returns:
            The run.

        Raises:
            DoesNotExist: No run has this id.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> client.get_run(client.create_run("0", run_name="first").info.run_id).info.run_name
            'first'
        """
        return self._tracking.store.runs.get(run_id)

    def search_runs(
        self,
        experiment_ids: Sequence[str] | str,
        filter_string: str = "",
        run_view_type: int | str = ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: Sequence[str] | str | None = None,
        page_token: str | None = None,
    ) -> PagedList[Run]:
        """Find runs, one page at a time.

        Args:
            experiment_ids: Experiments to search, or one of them; without any, nothing is found.
            filter_string: Condition such as ``"metrics.rmse < 0.2 AND params.alpha = '0.5'"``. Default: no condition.
            run_view_type: ``"ACTIVE_ONLY"`` (default), ``"DELETED_ONLY"`` or ``"ALL"``; MLflow's 1, 2 and 3 also work.
            max_results: Size of a page, at most 50,000. Default: 1,000.
            order_by: What to sort by, such as ``["metrics.rmse ASC"]``. Default: newest first.
            page_token: ``token`` of the previous page. Default: the first page.

        Returns:
            A list of runs, whose ``token`` asks for the next page; it is empty or None on the last page.

        Raises:
            InvalidParameter: An argument is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> for rmse in (0.5, 0.1):
            ...     client.log_metric(client.create_run("0").info.run_id, "rmse", rmse)
            >>> [run.data.metrics for run in client.search_runs(["0"], "metrics.rmse < 0.2")]
            [{'rmse': 0.1}]
        """
        query = ScopedQuery(
            experiment_ids=several(experiment_ids),
            filter=filter_string,
            order_by=several(order_by),
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
    ) -> RunOperations | None:
        """Log one point of a metric.

        Args:
            run_id: Run to log to.
            key: Name: letters, digits, ``_ - . : /`` and spaces; at most 250 characters.
            value: Number, or what ``float()`` makes one of; NaN and infinities are allowed.
            timestamp: Time of the point in milliseconds since 1970. Default: now.
            step: Position of the point, such as an epoch. Default: 0.
            synchronous: ``False`` returns an object with ``wait()``, as in MLflow. In any case the call returns when
                the value is stored. Default: None.
            dataset_name: Dataset that the metric was computed on. Default: none.
            dataset_digest: Digest of that dataset. Default: none.
            model_id: Logged model that the point is also about. Default: none.

        Returns:
            None; with ``synchronous=False`` an object with ``wait()``.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The name or value is not valid, the run is deleted, or no logged model has this id.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_metric(run_id, "loss", 0.5, step=1)
            >>> client.get_run(run_id).data.metrics
            {'loss': 0.5}
        """
        dataset = Dataset(dataset_name, dataset_digest or "") if dataset_name else None
        metric = metric_of(key, value, timestamp, step, model_id, dataset)
        return self.log_batch(run_id, metrics=[metric], synchronous=synchronous)

    def log_param(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> Any:
        """Log a param of a run.

        Args:
            run_id: Run to log to.
            key: Name: letters, digits, ``_ - . : /`` and spaces; at most 250 characters.
            value: Value; its ``str()`` is stored. What is longer than 6,000 characters is cut, or refused if
                ``MLYARD_TRUNCATE_LONG_VALUES`` is false.
            synchronous: ``False`` returns an object with ``wait()``, as in MLflow. In any case the call returns when
                the value is stored. Default: None.

        Returns:
            ``value``, unchanged; with ``synchronous=False`` an object with ``wait()``.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The name or value is not valid, the run is deleted, or the param already has another
                value.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> client.log_param(client.create_run("0").info.run_id, "alpha", 0.5)
            0.5
        """
        return self.log_batch(run_id, params=[Param(key, value)], synchronous=synchronous) or value

    def set_tag(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> RunOperations | None:
        """Set or change a tag of a run.

        Args:
            run_id: Run to change.
            key: Name: letters, digits, ``_ - . : /`` and spaces; at most 250 characters.
            value: Value; its ``str()`` is stored. What is longer than 8,000 characters is cut, or refused if
                ``MLYARD_TRUNCATE_LONG_VALUES`` is false.
            synchronous: ``False`` returns an object with ``wait()``, as in MLflow. In any case the call returns when
                the value is stored. Default: None.

        Returns:
            None; with ``synchronous=False`` an object with ``wait()``.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The name or value is not valid, or the run is deleted.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.set_tag(run_id, "kind", "trial")
            >>> client.get_run(run_id).data.tags["kind"]
            'trial'
        """
        return self.log_batch(run_id, tags=[RunTag(key, value)], synchronous=synchronous)

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[RunTag] = (),
        synchronous: bool | None = None,
    ) -> RunOperations | None:
        """Log metrics, params and tags at once: all of them or none.

        More than 1,000 values, or 100 params or tags, are sent in several requests, after all of them were checked.
        If a later request fails, for instance because a param already has another value, the earlier ones are stored.

        Args:
            run_id: Run to log to.
            metrics: Points of metrics. Default: none.
            params: Params. Default: none.
            tags: Tags. Default: none.
            synchronous: ``False`` returns an object with ``wait()``, as in MLflow. In any case the call returns when
                the values are stored. Default: None.

        Returns:
            None; with ``synchronous=False`` an object with ``wait()``.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: A name or value is not valid, the run is deleted, or a param already has another value.

        Example:
            >>> from mlyard import MlyardClient
            >>> from mlyard.entities import Metric, Param
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_batch(run_id, [Metric(key="rmse", value=0.5, timestamp=0)], [Param(key="alpha", value="1")])
            >>> client.get_run(run_id).data.metrics, client.get_run(run_id).data.params
            ({'rmse': 0.5}, {'alpha': '1'})
        """
        checked = [checked_metric(metric) for metric in metrics], checked_params(params), checked_tags(tags)
        for batch in batches(*checked):
            self._tracking.store.runs.log_batch(run_id, batch)
        return operations(synchronous)

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag of a run.

        Args:
            run_id: Run to change.
            key: Name of the tag.

        Raises:
            DoesNotExist: No run has this id, or it has no such tag.
            InvalidParameter: The run is deleted.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0", tags={"kind": "trial"}).info.run_id
            >>> client.delete_tag(run_id, "kind")
            >>> "kind" in client.get_run(run_id).data.tags
            False
        """
        self._tracking.store.runs.delete_tag(run_id, key)

    def update_run(self, run_id: str, status: str | None = None, name: str | None = None) -> None:
        """Change the status or the name of a run.

        Args:
            run_id: Run to change.
            status: ``"RUNNING"``, ``"SCHEDULED"``, ``"FINISHED"``, ``"FAILED"`` or ``"KILLED"``. Default: unchanged.
            name: New name. Default: unchanged.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The status or name is not valid, or the run is deleted.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.update_run(run_id, name="second")
            >>> client.get_run(run_id).info.run_name
            'second'
        """
        self._tracking.store.runs.update(run_id, status=status, run_name=name)

    def set_terminated(self, run_id: str, status: str | None = None, end_time: int | None = None) -> None:
        """End a run.

        Args:
            run_id: Run to end.
            status: ``"FINISHED"``, ``"FAILED"`` or ``"KILLED"``. Default: ``"FINISHED"``.
            end_time: End in milliseconds since 1970. Default: now.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The status is not valid, or the run is deleted.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.set_terminated(run_id, "FAILED")
            >>> client.get_run(run_id).info.status
            'FAILED'
        """
        ended = now_ms() if end_time is None else whole(end_time, "end_time", f"run {run_id!r}")
        self._tracking.store.runs.update(run_id, status=status or FINISHED, end_time=ended)

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted; ``restore_run`` undoes this.

        Args:
            run_id: Id of the run.

        Raises:
            DoesNotExist: No run has this id.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.delete_run(run_id)
            >>> client.get_run(run_id).info.lifecycle_stage
            'deleted'
        """
        self._tracking.store.runs.delete(run_id)

    def restore_run(self, run_id: str) -> None:
        """Restore a deleted run.

        Args:
            run_id: Id of the run.

        Raises:
            DoesNotExist: No run has this id.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.delete_run(run_id)
            >>> client.restore_run(run_id)
            >>> client.get_run(run_id).info.lifecycle_stage
            'active'
        """
        self._tracking.store.runs.restore(run_id)

    def log_outputs(self, run_id: str, models: Sequence[ModelOutput]) -> None:
        """Link logged models to the run that produced them.

        Args:
            run_id: Id of the run.
            models: Ids of the models, each with the step at which it was produced.

        Raises:
            DoesNotExist: No run has this id. The ids of the models are not checked.
            InvalidParameter: The run is deleted.

        Example:
            >>> from mlyard import MlyardClient
            >>> from mlyard.entities import ModelOutput
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> model = client.create_logged_model("0", "line")
            >>> client.log_outputs(run_id, [ModelOutput(model_id=model.model_id, step=3)])
            >>> client.get_run(run_id).outputs.model_outputs[0].step
            3
        """
        outputs = [ModelOutput(each.model_id, whole(each.step, "step", "a model")) for each in models]
        self._tracking.store.runs.log_outputs(run_id, outputs)
