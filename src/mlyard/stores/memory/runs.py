"""Runs and their metrics in memory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from mlyard.core.clock import now_ms
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.ids import new_run_id
from mlyard.domain import limits, list_tags, names
from mlyard.domain import runs as domain
from mlyard.domain.experiments import ACTIVE, DELETED
from mlyard.domain.inputs import DatasetInput, check_inputs
from mlyard.domain.metrics import Metric
from mlyard.domain.page import PagedList, ScopedQuery
from mlyard.domain.runs import ModelInput, ModelOutput, NewRun, Run, RunBatch, RunData, RunInfo
from mlyard.domain.uris import join
from mlyard.search import fields
from mlyard.search.ast import METRICS
from mlyard.search.evaluate import Values
from mlyard.stores.memory.metrics import MemoryMetrics
from mlyard.stores.memory.search import search, stages, values
from mlyard.stores.memory.state import State


class MemoryRuns:
    """ports.RunStore and ports.SupportsLeases."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, new: NewRun) -> Run:
        tags = domain.storable_tags(new)
        with self._state.lock:
            experiment = self._state.active_experiment(new.experiment_id)
            if new.request_id in self._state.created:
                return self.get(self._state.created[str(new.request_id)])
            run_id = new_run_id()
            info = RunInfo(
                run_id=run_id,
                experiment_id=new.experiment_id,
                run_name=tags[domain.TAG_RUN_NAME],
                user_id=new.user_id or tags.get(domain.TAG_USER, "")[: limits.MAX_USER],
                start_time=now_ms() if new.start_time is None else new.start_time,
                artifact_uri=join(experiment.artifact_location, run_id, "artifacts"),
            )
            self._state.runs[run_id] = Run(info=info, data=RunData(tags=tags))
            if new.request_id:
                self._state.created[new.request_id] = run_id
            return self._state.runs[run_id]

    def get(self, run_id: str) -> Run:
        return self._state.run(run_id)

    def update(
        self, run_id: str, *, status: str | None = None, end_time: int | None = None, run_name: str | None = None
    ) -> RunInfo:
        if status is not None:
            domain.check_status(status)
        names.check_int64(end_time, "end_time")
        with self._state.lock:
            run = self._state.active_run(run_id)
            given = {"status": status, "end_time": end_time, "run_name": run_name or None}
            info = structs.replace(run.info, **{name: value for name, value in given.items() if value is not None})
            if status in domain.TERMINAL:
                self._state.leases.pop(run_id, None)
                info = structs.replace(info, lost=False)
            tags = {**run.data.tags, domain.TAG_RUN_NAME: info.run_name}
            self._put(run, info=info, data=structs.replace(run.data, tags=tags))
            return info

    def delete(self, run_id: str) -> None:
        self._set_stage(run_id, DELETED)

    def restore(self, run_id: str) -> None:
        self._set_stage(run_id, ACTIVE)

    def search(self, query: ScopedQuery) -> PagedList[Run]:
        for experiment_id in query.experiment_ids:
            if not experiment_id.isdigit():
                raise InvalidParameter(f"Invalid experiment ID '{experiment_id}'. It must be a valid integer.")
        wanted = stages(query.view)
        found = [
            run
            for run in self._state.runs.values()
            if run.info.experiment_id in query.experiment_ids and run.info.lifecycle_stage in wanted
        ]
        found.sort(key=lambda run: (-(run.info.start_time or 0), run.info.run_id))
        logged = {metric.key for run in self._state.runs.values() for metric in run.data.latest_metrics}
        return search(found, query, fields.RUNS, self._values_of, limits.MAX_SEARCH_RUNS, logged)

    def log_batch(self, run_id: str, batch: RunBatch) -> None:
        batch = domain.storable_batch(batch)
        with self._state.lock:
            run = self._reopened(self._state.active_run(run_id))
            params = {param.key: param.value for param in batch.params}
            for key, value in params.items():
                if run.data.params.get(key, value) != value:
                    raise domain.changed_param(run_id, key, run.data.params[key], value)
            self._log_to_models(run_id, batch.metrics)
            tags = {tag.key: tag.value for tag in batch.tags}
            name = tags.get(domain.TAG_RUN_NAME) or run.info.run_name
            data = RunData(
                latest_metrics=self._log_points(run, batch.metrics),
                params={**run.data.params, **params},
                tags={**run.data.tags, **tags},
            )
            self._put(run, data=data, info=structs.replace(run.info, run_name=name))

    def delete_tag(self, run_id: str, key: str) -> None:
        with self._state.lock:
            run = self._state.active_run(run_id)
            if key not in run.data.tags:
                raise DoesNotExist(f"No tag with name: {key} in run with id {run_id}")
            tags = {k: v for k, v in run.data.tags.items() if k != key}
            self._put(run, data=structs.replace(run.data, tags=tags))

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput] = (), models: Sequence[ModelInput] = ()) -> None:
        check_inputs(datasets)
        with self._state.lock:
            run = self._state.active_run(run_id)
            known = {(one.dataset.name, one.dataset.digest): one for one in run.inputs.dataset_inputs}
            for one in datasets:
                known.setdefault((one.dataset.name, one.dataset.digest), one)
            linked = dict.fromkeys([*run.inputs.model_inputs, *models])
            inputs = domain.RunInputs(dataset_inputs=tuple(known.values()), model_inputs=tuple(linked))
            self._put(run, inputs=inputs)

    def log_outputs(self, run_id: str, outputs: Sequence[ModelOutput]) -> None:
        with self._state.lock:
            run = self._state.active_run(run_id)
            known = {one.model_id: one for one in (*outputs, *run.outputs.model_outputs)}
            self._put(run, outputs=domain.RunOutputs(model_outputs=tuple(known.values())))

    def add_to_tag(self, run_id: str, key: str, entry: Mapping[str, Any]) -> None:
        with self._state.lock:
            run = self._state.active_run(run_id)
            tags = {**run.data.tags, key: list_tags.with_entry(run.data.tags, key, entry)}
            self._put(run, data=structs.replace(run.data, tags=tags))

    def heartbeat(self, run_id: str, seconds: float) -> None:
        with self._state.lock:
            run = self._reopened(self._state.active_run(run_id))
            self._put(run)
            self._state.leases[run_id] = now_ms() + int(1000 * seconds)

    def end_lost(self) -> int:
        with self._state.lock:
            now = now_ms()
            active = {run_id for run_id, run in self._state.runs.items() if run.info.lifecycle_stage == ACTIVE}
            lost = {run_id: at for run_id, at in self._state.leases.items() if at < now and run_id in active}
            for run_id, expires in lost.items():
                del self._state.leases[run_id]
                run = self._state.run(run_id)
                self._put(run, info=structs.replace(run.info, status=domain.KILLED, end_time=expires, lost=True))
            return len(lost)

    def _values_of(self, run: Run) -> Values:
        plain, metrics = _values_of(run), MemoryMetrics(self._state)

        def of(kind: str, key: str) -> Sequence[Any]:
            if kind == "metric" or kind not in METRICS:
                return plain(kind, key)
            name = kind.partition(".")[2]
            return [getattr(figures, name) for figures in metrics.figures([run.info.run_id], [key])]

        return of

    def _reopened(self, run: Run) -> Run:
        if not run.info.lost:
            return run
        info = structs.replace(run.info, status=domain.RUNNING, end_time=None, lost=False)
        return structs.replace(run, info=info)

    def _put(self, run: Run, **changes: Any) -> None:
        self._state.runs[run.info.run_id] = structs.replace(run, **changes)

    def _set_stage(self, run_id: str, stage: str) -> None:
        with self._state.lock:
            run = self._state.run(run_id)
            self._put(run, info=structs.replace(run.info, lifecycle_stage=stage))

    def _log_points(self, run: Run, metrics: Sequence[Metric]) -> tuple[Metric, ...]:
        latest = {metric.key: metric for metric in run.data.latest_metrics}
        for metric in metrics:
            plain = Metric(key=metric.key, value=metric.value, timestamp=metric.timestamp, step=metric.step)
            self._state.history[run.info.run_id, metric.key].add(plain)
            if metric.key not in latest or _rank(plain) > _rank(latest[metric.key]):
                latest[metric.key] = plain
        return tuple(latest.values())

    def _log_to_models(self, run_id: str, metrics: Sequence[Metric]) -> None:
        for metric in metrics:
            if metric.model_id and metric.model_id not in self._state.logged_models:
                raise InvalidParameter(f"Logged model with ID '{metric.model_id}' not found.")
        for metric in metrics:
            if metric.model_id:
                model = self._state.logged_models[metric.model_id]
                linked = (*model.metrics, structs.replace(metric, run_id=run_id))
                self._state.logged_models[metric.model_id] = structs.replace(model, metrics=linked)


def _rank(metric: Metric) -> tuple[int, int, bool, float]:
    is_nan = math.isnan(metric.value)
    return metric.step, metric.timestamp, not is_nan, 0.0 if is_nan else metric.value


def _values_of(run: Run) -> Values:
    datasets: Mapping[str, list[str]] = {
        "name": [one.dataset.name for one in run.inputs.dataset_inputs],
        "digest": [one.dataset.digest for one in run.inputs.dataset_inputs],
        "context": [one.context for one in run.inputs.dataset_inputs if one.context],
    }
    return values(dict(run.info), metric=run.data.metrics, param=run.data.params, tag=run.data.tags, dataset=datasets)
