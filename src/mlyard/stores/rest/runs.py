"""Runs over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.core.jsontext import json_text
from mlyard.domain.inputs import DatasetInput
from mlyard.domain.page import PagedList, ScopedQuery
from mlyard.domain.runs import ModelInput, ModelOutput, NewRun, Run, RunBatch, RunInfo, RunTag
from mlyard.stores.rest import list_tags
from mlyard.transport.session import Session
from mlyard.wire import inputs, routes
from mlyard.wire import runs as wire
from mlyard.wire.list_tags import AddToRunTag


class RestRuns:
    """ports.RunStore."""

    def __init__(self, session: Session) -> None:
        self._call = session.call

    def create(self, new: NewRun) -> Run:
        return wire.decode_run(self._call(routes.CREATE_RUN, wire.encode_new_run(new)).run)

    def get(self, run_id: str) -> Run:
        return wire.decode_run(self._call(routes.GET_RUN, wire.RunId(run_id=run_id, run_uuid=run_id)).run)

    def update(
        self, run_id: str, *, status: str | None = None, end_time: int | None = None, run_name: str | None = None
    ) -> RunInfo:
        request = wire.UpdateRun(run_id=run_id, run_uuid=run_id, status=status, end_time=end_time, run_name=run_name)
        return wire.decode_info(self._call(routes.UPDATE_RUN, request).run_info)

    def delete(self, run_id: str) -> None:
        self._call(routes.DELETE_RUN, wire.RunId(run_id=run_id))

    def restore(self, run_id: str) -> None:
        self._call(routes.RESTORE_RUN, wire.RunId(run_id=run_id))

    def search(self, query: ScopedQuery) -> PagedList[Run]:
        return wire.decode_runs(self._call(routes.SEARCH_RUNS, wire.encode_query(query)))

    def log_batch(self, run_id: str, batch: RunBatch) -> None:
        self._call(routes.LOG_BATCH, wire.encode_batch(run_id, batch))

    def delete_tag(self, run_id: str, key: str) -> None:
        self._call(routes.DELETE_RUN_TAG, wire.DeleteRunTag(run_id=run_id, key=key))

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput] = (), models: Sequence[ModelInput] = ()) -> None:
        request = inputs.LogInputs(
            run_id=run_id,
            datasets=[inputs.encode_input(one) for one in datasets],
            models=[inputs.ModelInput(model_id=one.model_id) for one in models],
        )
        self._call(routes.LOG_INPUTS, request)

    def add_to_tag(self, run_id: str, key: str, entry: Mapping[str, Any]) -> None:
        request = AddToRunTag(run_id=run_id, key=key, entry_json=json_text(entry))
        list_tags.add(
            lambda: self._call(routes.ADD_TO_RUN_TAG, request),
            lambda: self.get(run_id).data.tags,
            lambda text: self.log_batch(run_id, RunBatch(tags=(RunTag(key=key, value=text),))),
            key,
            entry,
        )

    def heartbeat(self, run_id: str, seconds: float) -> None:
        self._call(routes.HEARTBEAT, wire.Heartbeat(run_id=run_id, seconds=seconds))

    def log_outputs(self, run_id: str, outputs: Sequence[ModelOutput]) -> None:
        models = [wire.ModelOutput(model_id=output.model_id, step=output.step) for output in outputs]
        self._call(routes.LOG_OUTPUTS, wire.LogOutputs(run_id=run_id, models=models))
