"""Logged models on the wire."""

from __future__ import annotations

from mlyard.domain import logged_models as domain
from mlyard.domain.page import PagedList
from mlyard.wire.message import Int64, Message, RequestId, Required, Tag
from mlyard.wire.metrics import MetricOut, decode_metric_out, encode_linked_metric
from mlyard.wire.tags import decode_tags, encode_tags

# The enum's numbers: protobuf clients may send these in place of the names.
_STATUS_NUMBERS = {"1": domain.PENDING, "2": domain.READY, "3": domain.UPLOAD_FAILED}


class LoggedModelInfo(Message, kw_only=True):
    model_id: str
    experiment_id: str
    name: str
    creation_timestamp_ms: Int64
    last_updated_timestamp_ms: Int64
    artifact_uri: str
    status: str
    model_type: str | None = None
    source_run_id: str
    tags: list[Tag] = []


class LoggedModelData(Message, kw_only=True):
    params: list[Tag] = []
    metrics: list[MetricOut] = []


class LoggedModel(Message, kw_only=True):
    info: LoggedModelInfo
    data: LoggedModelData | None = None


class CreateLoggedModel(Message, kw_only=True):
    """``artifact_path`` and ``request_id`` are mlyard's additions: see domain.logged_models.NewLoggedModel."""

    experiment_id: Required
    name: str = ""
    model_type: str = ""
    source_run_id: str = ""
    params: list[Tag] = []
    tags: list[Tag] = []
    artifact_path: str | None = None
    request_id: RequestId | None = None


class LoggedModelId(Message, kw_only=True):
    model_id: Required


class FinalizeLoggedModel(Message, kw_only=True):
    model_id: Required
    status: str | Int64


class SetLoggedModelTags(Message, kw_only=True):
    model_id: Required
    tags: list[Tag] = []


class DeleteLoggedModelTag(Message, kw_only=True):
    model_id: Required
    tag_key: Required


class LogLoggedModelParams(Message, kw_only=True):
    model_id: Required
    params: list[Tag] = []


class OrderBy(Message, kw_only=True):
    field_name: Required
    ascending: bool = True
    dataset_name: str = ""
    dataset_digest: str = ""


class DatasetReference(Message, kw_only=True):
    dataset_name: Required
    dataset_digest: str = ""


class SearchLoggedModels(Message, kw_only=True):
    experiment_ids: list[str]
    datasets: list[DatasetReference] = []
    filter: str = ""
    max_results: Int64 = 50
    order_by: list[OrderBy] = []
    page_token: str = ""


class LoggedModelAnswer(Message, kw_only=True):
    model: LoggedModel


class LoggedModelTagsAnswer(Message, kw_only=True):
    """MLflow's server does not answer with the model."""

    model: LoggedModel | None = None


class LoggedModelsAnswer(Message, kw_only=True):
    models: list[LoggedModel] = []
    next_page_token: str | None = None


def encode_model(model: domain.LoggedModel) -> LoggedModel:
    info = LoggedModelInfo(
        model_id=model.model_id,
        experiment_id=model.experiment_id,
        name=model.name,
        creation_timestamp_ms=model.creation_timestamp,
        last_updated_timestamp_ms=model.last_updated_timestamp,
        artifact_uri=model.artifact_uri,
        status=model.status,
        model_type=model.model_type,
        source_run_id=model.source_run_id or "",
        tags=encode_tags(model.tags),
    )
    data = LoggedModelData(params=encode_tags(model.params), metrics=[encode_linked_metric(m) for m in model.metrics])
    return LoggedModel(info=info, data=data)


def decode_model(message: LoggedModel) -> domain.LoggedModel:
    info, data = message.info, message.data or LoggedModelData()
    return domain.LoggedModel(
        model_id=info.model_id,
        experiment_id=info.experiment_id,
        name=info.name,
        artifact_uri=info.artifact_uri,
        creation_timestamp=info.creation_timestamp_ms,
        last_updated_timestamp=info.last_updated_timestamp_ms,
        status=info.status,
        model_type=info.model_type or "",
        source_run_id=info.source_run_id or None,
        params=decode_tags(data.params),
        tags=decode_tags(info.tags),
        metrics=tuple(decode_metric_out(metric) for metric in data.metrics),
    )


def decode_new_model(message: CreateLoggedModel) -> domain.NewLoggedModel:
    return domain.NewLoggedModel(
        experiment_id=message.experiment_id,
        name=message.name,
        model_type=message.model_type,
        source_run_id=message.source_run_id or None,
        params=decode_tags(message.params),
        tags=decode_tags(message.tags),
        artifact_path=message.artifact_path,
        request_id=message.request_id,
    )


def encode_new_model(new: domain.NewLoggedModel) -> CreateLoggedModel:
    return CreateLoggedModel(
        experiment_id=new.experiment_id,
        name=new.name,
        model_type=new.model_type,
        source_run_id=new.source_run_id or "",
        params=encode_tags(new.params),
        tags=encode_tags(new.tags),
        artifact_path=new.artifact_path,
        request_id=new.request_id,
    )


def status_of(message: FinalizeLoggedModel) -> str:
    """The name of the status, which may be sent as the enum's number."""
    return _STATUS_NUMBERS.get(str(message.status), str(message.status))


def encode_models(page: PagedList[domain.LoggedModel]) -> LoggedModelsAnswer:
    return LoggedModelsAnswer(models=[encode_model(model) for model in page], next_page_token=page.token)


def decode_models(answer: LoggedModelsAnswer) -> PagedList[domain.LoggedModel]:
    return PagedList([decode_model(model) for model in answer.models], answer.next_page_token)


def decode_query(message: SearchLoggedModels) -> domain.LoggedModelQuery:
    return domain.LoggedModelQuery(
        experiment_ids=tuple(message.experiment_ids),
        datasets=tuple(
            domain.DatasetReference(name=one.dataset_name, digest=one.dataset_digest) for one in message.datasets
        ),
        filter=message.filter,
        order_by=tuple(f"{o.field_name} {'ASC' if o.ascending else 'DESC'}" for o in message.order_by),
        order_datasets=tuple(
            domain.DatasetReference(name=o.dataset_name, digest=o.dataset_digest) for o in message.order_by
        ),
        max_results=message.max_results,
        page_token=message.page_token or None,
    )


def encode_query(query: domain.LoggedModelQuery) -> SearchLoggedModels:
    return SearchLoggedModels(
        experiment_ids=list(query.experiment_ids),
        datasets=[DatasetReference(dataset_name=one.name, dataset_digest=one.digest) for one in query.datasets],
        filter=query.filter,
        order_by=_orders(query),
        max_results=query.max_results,
        page_token=query.page_token or "",
    )


def _orders(query: domain.LoggedModelQuery) -> list[OrderBy]:
    missing = len(query.order_by) - len(query.order_datasets)
    datasets = (*query.order_datasets, *[domain.DatasetReference()] * missing)
    return [_order(clause, dataset) for clause, dataset in zip(query.order_by, datasets, strict=False)]


def _order(clause: str, dataset: domain.DatasetReference) -> OrderBy:
    field, _, direction = clause.strip().rpartition(" ")
    if direction.upper() not in {"ASC", "DESC"}:
        field, direction = clause, "ASC"
    return OrderBy(
        field_name=field.strip(),
        ascending=direction.upper() == "ASC",
        dataset_name=dataset.name,
        dataset_digest=dataset.digest,
    )
