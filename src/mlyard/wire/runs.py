"""Runs on the wire."""

from __future__ import annotations

from typing import Annotated

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.domain import runs as domain
from mlyard.domain.page import ACTIVE_ONLY, PagedList, ScopedQuery
from mlyard.wire.inputs import DatasetInput, ModelInput, decode_input, encode_input
from mlyard.wire.message import Int64, Message, RequestId, Required, Tag, view_of
from mlyard.wire.metrics import (
    LogMetric,
    Metric,
    MetricOut,
    decode_metric,
    decode_metric_out,
    encode_metric,
    encode_metric_out,
)
from mlyard.wire.tags import decode_tags, encode_tags


class RunInfo(Message, kw_only=True):
    run_uuid: str
    run_id: str
    experiment_id: str
    run_name: str
    user_id: str
    status: str
    start_time: Int64 | None = None
    end_time: Int64 | None = None
    artifact_uri: str
    lifecycle_stage: str
    lost: bool = False


class RunData(Message, kw_only=True):
    metrics: list[MetricOut] = []
    params: list[Tag] = []
    tags: list[Tag] = []


class ModelOutput(Message, kw_only=True, omit_defaults=False):
    model_id: Required
    step: Int64 = 0


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
    start_time: Int64 | None = None
    tags: list[Tag] = []
    request_id: RequestId | None = None


class RunId(Message, kw_only=True):
    """MLflow's clients before 1.0 send ``run_uuid``."""

    run_id: str = ""
    run_uuid: str = ""


class UpdateRun(Message, kw_only=True):
    run_id: str = ""
    run_uuid: str = ""
    status: str | Int64 | None = None
    end_time: Int64 | None = None
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
    """mlyard's addition: the run's client is alive and sends the next heartbeat within ``seconds``."""

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
    run_view_type: str | Int64 = ACTIVE_ONLY
    max_results: Int64 = 1000
    order_by: list[str] = []
    page_token: str = ""


class RunAnswer(Message, kw_only=True):
    run: Run


class RunInfoAnswer(Message, kw_only=True):
    run_info: RunInfo


class RunsAnswer(Message, kw_only=True):
    runs: list[Run] = []
    next_page_token: str | None = None


# The enum's numbers: protobuf clients may send these in place of the names.
_STATUSES = dict(zip("12345", domain.STATUSES, strict=True))


def status_of(message: UpdateRun) -> str | None:
    """The name of the status, which may be sent as the enum's number."""
    return None if message.status is None else _STATUSES.get(str(message.status), str(message.status))


def run_id_of(message: RunId | UpdateRun | LogParam | SetRunTag | LogMetric) -> str:
    """The run id, under either name. Raises InvalidParameter if both are missing."""
    run_id = message.run_id or message.run_uuid
    if not run_id:
        raise InvalidParameter(
            "Missing value for required parameter 'run_id'. See the API docs for more information about "
            "request parameters."
        )
    return run_id


def encode_info(info: domain.RunInfo) -> RunInfo:
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


def decode_info(message: RunInfo) -> domain.RunInfo:
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


def encode_run(run: domain.Run) -> Run:
    data = RunData(
        metrics=[encode_metric_out(metric) for metric in run.data.latest_metrics],
        params=encode_tags(run.data.params),
        tags=encode_tags(run.data.tags),
    )
    return Run(info=encode_info(run.info), data=data, inputs=_inputs(run.inputs), outputs=_outputs(run.outputs))


def _inputs(inputs: domain.RunInputs) -> RunInputs:
    return RunInputs(
        dataset_inputs=[encode_input(one) for one in inputs.dataset_inputs],
        model_inputs=[ModelInput(model_id=one.model_id) for one in inputs.model_inputs],
    )


def _outputs(outputs: domain.RunOutputs) -> RunOutputs:
    return RunOutputs(model_outputs=[ModelOutput(model_id=o.model_id, step=o.step) for o in outputs.model_outputs])


def decode_run(message: Run) -> domain.Run:
    inputs = message.inputs or RunInputs()
    outputs = message.outputs.model_outputs if message.outputs else []
    return domain.Run(
        info=decode_info(message.info),
        data=domain.RunData(
            latest_metrics=tuple(decode_metric_out(metric) for metric in message.data.metrics),
            params=decode_tags(message.data.params),
            tags=decode_tags(message.data.tags),
        ),
        inputs=domain.RunInputs(
            dataset_inputs=tuple(decode_input(one) for one in inputs.dataset_inputs),
            model_inputs=tuple(domain.ModelInput(model_id=one.model_id) for one in inputs.model_inputs),
        ),
        outputs=domain.RunOutputs(model_outputs=tuple(decode_outputs(outputs))),
    )


def decode_outputs(outputs: list[ModelOutput]) -> list[domain.ModelOutput]:
    return [domain.ModelOutput(model_id=o.model_id, step=o.step) for o in outputs]


def encode_runs(page: PagedList[domain.Run]) -> RunsAnswer:
    return RunsAnswer(runs=[encode_run(run) for run in page], next_page_token=page.token)


def decode_runs(answer: RunsAnswer) -> PagedList[domain.Run]:
    return PagedList([decode_run(run) for run in answer.runs], answer.next_page_token)


def decode_new_run(message: CreateRun) -> domain.NewRun:
    return domain.NewRun(
        experiment_id=message.experiment_id or "0",
        user_id=message.user_id,
        run_name=message.run_name,
        start_time=message.start_time,
        tags=decode_tags(message.tags),
        request_id=message.request_id,
    )


def encode_new_run(new: domain.NewRun) -> CreateRun:
    return CreateRun(
        experiment_id=new.experiment_id,
        user_id=new.user_id,
        run_name=new.run_name,
        start_time=new.start_time,
        tags=encode_tags(new.tags),
        request_id=new.request_id,
    )


def decode_batch(message: LogBatch) -> domain.RunBatch:
    """Raises InvalidParameter when a metric's value is not a number."""
    return domain.RunBatch(
        metrics=tuple(decode_metric(metric) for metric in message.metrics),
        params=tuple(domain.Param(key=param.key, value=param.value) for param in message.params),
        tags=tuple(domain.RunTag(key=tag.key, value=tag.value) for tag in message.tags),
    )


def encode_batch(run_id: str, batch: domain.RunBatch) -> LogBatch:
    return LogBatch(
        run_id=run_id,
        metrics=[encode_metric(metric) for metric in batch.metrics],
        params=[Tag(key=param.key, value=param.value) for param in batch.params],
        tags=[Tag(key=tag.key, value=tag.value) for tag in batch.tags],
    )


def decode_query(message: SearchRuns) -> ScopedQuery:
    return ScopedQuery(
        experiment_ids=tuple(message.experiment_ids),
        filter=message.filter,
        order_by=tuple(message.order_by),
        max_results=message.max_results,
        page_token=message.page_token or None,
        view=view_of(message.run_view_type),
    )


def encode_query(query: ScopedQuery) -> SearchRuns:
    return SearchRuns(
        experiment_ids=list(query.experiment_ids),
        filter=query.filter,
        order_by=list(query.order_by),
        max_results=query.max_results,
        page_token=query.page_token or "",
        run_view_type=query.view,
    )
