"""Runs on the wire."""

from __future__ import annotations

from typing import Annotated

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.domain import runs as domain
from mlyard.domain.page import ACTIVE_ONLY, PagedList, ScopedQuery
from mlyard.wire.inputs import DatasetInput, ModelInput, from_input, to_input
from mlyard.wire.message import Message, RequestId, Required, Tag, view_of
from mlyard.wire.metrics import LogMetric, Metric, MetricOut, from_answer, from_metric, to_metric, to_request
from mlyard.wire.tags import from_tags, to_tags


class RunInfo(Message, kw_only=True):
    run_uuid: str
    run_id: str
    experiment_id: str
    run_name: str
    user_id: str
    status: str
    start_time: int | None = None
    end_time: int | None = None
    artifact_uri: str
    lifecycle_stage: str
    lost: bool = False


class RunData(Message, kw_only=True):
    metrics: list[MetricOut] = []
    params: list[Tag] = []
    tags: list[Tag] = []


class ModelOutput(Message, kw_only=True, omit_defaults=False):
    model_id: Required
    step: int = 0


class RunInputs(Message, kw_only=True):
    dataset_inputs: list[DatasetInput] = []
    model_inputs: list[ModelInput] = []


class RunOutputs(Message, kw_only=True):
    model_outputs: list[ModelOutput] = []


class Run(Message, kw_only=True):
    info: RunInfo
    data: RunData
    inputs: RunInputs | None = None
    outputs: RunOutputs | None = None


class CreateRun(Message, kw_only=True):
    experiment_id: str = ""
    user_id: str = ""
    run_name: str = ""
    start_time: int | None = None
    tags: list[Tag] = []
    request_id: RequestId | None = None


class RunId(Message, kw_only=True):
    """Clients before 1.0 say ``run_uuid``."""

    run_id: str = ""
    run_uuid: str = ""


class UpdateRun(Message, kw_only=True):
    run_id: str = ""
    run_uuid: str = ""
    status: str | int | None = None
    end_time: int | None = None
    run_name: str | None = None


class LogParam(Message, kw_only=True):
    run_id: str = ""
    run_uuid: str = ""
    key: Required
    value: str = ""


class SetRunTag(Message, kw_only=True):
    run_id: str = ""
    run_uuid: str = ""
    key: Required
    value: str = ""


class DeleteRunTag(Message, kw_only=True):
    run_id: Required
    key: Required


class Heartbeat(Message, kw_only=True):
    """mlyard's own: the run's client lives, and will say so again within so many seconds."""

    run_id: Required
    seconds: Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class LogBatch(Message, kw_only=True):
    run_id: Required
    metrics: list[Metric] = []
    params: list[Tag] = []
    tags: list[Tag] = []


class LogOutputs(Message, kw_only=True):
    run_id: Required
    models: list[ModelOutput]


class LogModel(Message, kw_only=True):
    run_id: Required
    model_json: Required


class SearchRuns(Message, kw_only=True):
    experiment_ids: list[str] = []
    filter: str = ""
    run_view_type: str | int = ACTIVE_ONLY
    max_results: int = 1000
    order_by: list[str] = []
    page_token: str = ""


class RunAnswer(Message, kw_only=True):
    run: Run


class RunInfoAnswer(Message, kw_only=True):
    run_info: RunInfo


class RunsAnswer(Message, kw_only=True):
    runs: list[Run] = []
    next_page_token: str | None = None


# The enum's numbers, which protobuf clients may send in place of its names.
_STATUSES = dict(zip("12345", domain.STATUSES, strict=True))


def status_of(message: UpdateRun) -> str | None:
    """The status by name, also when the enum's number was sent."""
    return None if message.status is None else _STATUSES.get(str(message.status), str(message.status))


def run_id_of(message: RunId | UpdateRun | LogParam | SetRunTag | LogMetric) -> str:
    """The run's id under either name. Raises InvalidParameter when both are missing."""
    run_id = message.run_id or message.run_uuid
    if not run_id:
        raise InvalidParameter(
            "Missing value for required parameter 'run_id'. See the API docs for more information about "
            "request parameters."
        )
    return run_id


def to_info(info: domain.RunInfo) -> RunInfo:
    """Domain to wire."""
    return RunInfo(
        run_uuid=info.run_id,
        run_id=info.run_id,
        experiment_id=info.experiment_id,
        run_name=info.run_name,
        user_id=info.user_id,
        status=info.status,
        start_time=info.start_time,
        end_time=info.end_time,
        artifact_uri=info.artifact_uri,
        lifecycle_stage=info.lifecycle_stage,
        lost=info.lost,
    )


def from_info(message: RunInfo) -> domain.RunInfo:
    """Wire to domain."""
    return domain.RunInfo(
        run_id=message.run_id,
        experiment_id=message.experiment_id,
        run_name=message.run_name,
        user_id=message.user_id,
        status=message.status,
        start_time=message.start_time,
        end_time=message.end_time,
        artifact_uri=message.artifact_uri,
        lifecycle_stage=message.lifecycle_stage,
        lost=message.lost,
    )


def to_run(run: domain.Run) -> Run:
    """Domain to wire."""
    data = RunData(
        metrics=[to_metric(metric) for metric in run.data.latest_metrics],
        params=to_tags(run.data.params),
        tags=to_tags(run.data.tags),
    )
    outputs = [ModelOutput(model_id=o.model_id, step=o.step) for o in run.outputs.model_outputs]
    return Run(
        info=to_info(run.info),
        data=data,
        inputs=RunInputs(
            dataset_inputs=[to_input(one) for one in run.inputs.dataset_inputs],
            model_inputs=[ModelInput(model_id=one.model_id) for one in run.inputs.model_inputs],
        ),
        outputs=RunOutputs(model_outputs=outputs),
    )


def from_run(message: Run) -> domain.Run:
    """Wire to domain."""
    inputs = message.inputs or RunInputs()
    outputs = message.outputs.model_outputs if message.outputs else []
    return domain.Run(
        info=from_info(message.info),
        data=domain.RunData(
            latest_metrics=tuple(from_answer(metric) for metric in message.data.metrics),
            params=from_tags(message.data.params),
            tags=from_tags(message.data.tags),
        ),
        inputs=domain.RunInputs(
            dataset_inputs=tuple(from_input(one) for one in inputs.dataset_inputs),
            model_inputs=tuple(domain.ModelInput(model_id=one.model_id) for one in inputs.model_inputs),
        ),
        outputs=domain.RunOutputs(model_outputs=tuple(from_outputs(outputs))),
    )


def from_outputs(outputs: list[ModelOutput]) -> list[domain.ModelOutput]:
    """Wire to domain."""
    return [domain.ModelOutput(model_id=o.model_id, step=o.step) for o in outputs]


def to_runs(page: PagedList[domain.Run]) -> RunsAnswer:
    """Domain to wire."""
    return RunsAnswer(runs=[to_run(run) for run in page], next_page_token=page.token)


def from_runs(answer: RunsAnswer) -> PagedList[domain.Run]:
    """Wire to domain."""
    return PagedList([from_run(run) for run in answer.runs], answer.next_page_token)


def to_new_run(message: CreateRun) -> domain.NewRun:
    """Wire to domain."""
    return domain.NewRun(
        experiment_id=message.experiment_id or "0",
        user_id=message.user_id,
        run_name=message.run_name,
        start_time=message.start_time,
        tags=from_tags(message.tags),
        request_id=message.request_id,
    )


def from_new_run(new: domain.NewRun) -> CreateRun:
    """Domain to wire."""
    return CreateRun(
        experiment_id=new.experiment_id,
        user_id=new.user_id,
        run_name=new.run_name,
        start_time=new.start_time,
        tags=to_tags(new.tags),
        request_id=new.request_id,
    )


def to_batch(message: LogBatch) -> domain.Batch:
    """Wire to domain. Raises InvalidParameter when a metric's value is no number."""
    return domain.Batch(
        metrics=tuple(from_metric(metric) for metric in message.metrics),
        params=tuple(domain.Param(key=param.key, value=param.value) for param in message.params),
        tags=tuple(domain.RunTag(key=tag.key, value=tag.value) for tag in message.tags),
    )


def from_batch(run_id: str, batch: domain.Batch) -> LogBatch:
    """Domain to wire."""
    return LogBatch(
        run_id=run_id,
        metrics=[to_request(metric) for metric in batch.metrics],
        params=[Tag(key=param.key, value=param.value) for param in batch.params],
        tags=[Tag(key=tag.key, value=tag.value) for tag in batch.tags],
    )


def to_query(message: SearchRuns) -> ScopedQuery:
    """Wire to domain."""
    return ScopedQuery(
        experiment_ids=tuple(message.experiment_ids),
        filter=message.filter,
        order_by=tuple(message.order_by),
        max_results=message.max_results,
        page_token=message.page_token or None,
        view=view_of(message.run_view_type),
    )


def from_query(query: ScopedQuery) -> SearchRuns:
    """Domain to wire."""
    return SearchRuns(
        experiment_ids=list(query.experiment_ids),
        filter=query.filter,
        order_by=list(query.order_by),
        max_results=query.max_results,
        page_token=query.page_token or "",
        run_view_type=query.view,
    )
