"""Experiments on the wire."""

from __future__ import annotations

from mlyard.domain import experiments as domain
from mlyard.domain.page import ACTIVE_ONLY, PagedList, SearchQuery
from mlyard.wire.message import Int64, Message, RequestId, Required, Tag, view_of
from mlyard.wire.tags import decode_tags, encode_tags


class Experiment(Message, kw_only=True):
    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str
    last_update_time: Int64 | None = None
    creation_time: Int64 | None = None
    tags: list[Tag] = []


class CreateExperiment(Message, kw_only=True):
    name: Required
    artifact_location: str = ""
    tags: list[Tag] = []
    request_id: RequestId | None = None


class ExperimentId(Message, kw_only=True):
    experiment_id: Required


class GetExperimentByName(Message, kw_only=True):
    experiment_name: Required


class UpdateExperiment(Message, kw_only=True):
    experiment_id: Required
    new_name: Required


class SetExperimentTag(Message, kw_only=True):
    experiment_id: Required
    key: Required
    value: str = ""


class DeleteExperimentTag(Message, kw_only=True):
    experiment_id: Required
    key: Required


class SearchExperiments(Message, kw_only=True):
    max_results: Int64 = 1000
    page_token: str = ""
    filter: str = ""
    order_by: list[str] = []
    view_type: str | Int64 = ACTIVE_ONLY


class ExperimentAnswer(Message, kw_only=True):
    experiment: Experiment


class ExperimentsAnswer(Message, kw_only=True):
    experiments: list[Experiment] = []
    next_page_token: str | None = None


def encode_experiment(experiment: domain.Experiment) -> Experiment:
    return Experiment(
        experiment_id=experiment.experiment_id,
        name=experiment.name,
        artifact_location=experiment.artifact_location,
        lifecycle_stage=experiment.lifecycle_stage,
        last_update_time=experiment.last_update_time,
        creation_time=experiment.creation_time,
        tags=encode_tags(experiment.tags),
    )


def decode_experiment(message: Experiment) -> domain.Experiment:
    return domain.Experiment(
        experiment_id=message.experiment_id,
        name=message.name,
        artifact_location=message.artifact_location,
        lifecycle_stage=message.lifecycle_stage,
        last_update_time=message.last_update_time,
        creation_time=message.creation_time,
        tags=decode_tags(message.tags),
    )


def encode_experiments(page: PagedList[domain.Experiment]) -> ExperimentsAnswer:
    return ExperimentsAnswer(experiments=[encode_experiment(e) for e in page], next_page_token=page.token)


def decode_experiments(answer: ExperimentsAnswer) -> PagedList[domain.Experiment]:
    return PagedList([decode_experiment(e) for e in answer.experiments], answer.next_page_token)


def decode_query(message: SearchExperiments) -> SearchQuery:
    return SearchQuery(
        filter=message.filter,
        order_by=tuple(message.order_by),
        max_results=message.max_results,
        page_token=message.page_token or None,
        view=view_of(message.view_type),
    )


def encode_query(query: SearchQuery) -> SearchExperiments:
    return SearchExperiments(
        filter=query.filter,
        order_by=list(query.order_by),
        max_results=query.max_results,
        page_token=query.page_token or "",
        view_type=query.view,
    )
