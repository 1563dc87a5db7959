"""Datasets used by runs, on the wire."""

from __future__ import annotations

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.domain import inputs as domain
from mlyard.domain import limits
from mlyard.wire.message import Message, Required


class Dataset(Message, kw_only=True, omit_defaults=False):
    name: str
    digest: str = ""
    source_type: str = ""
    source: str = ""
    schema: str | msgspec.UnsetType = msgspec.UNSET
    profile: str | msgspec.UnsetType = msgspec.UNSET


class InputTag(Message, kw_only=True):
    key: str
    value: str


class DatasetInput(Message, kw_only=True):
    tags: list[InputTag] = []
    dataset: Dataset


class DatasetSummary(Message, kw_only=True, omit_defaults=False):
    experiment_id: str
    name: str
    digest: str
    context: str | msgspec.UnsetType = msgspec.UNSET


class SearchDatasets(Message, kw_only=True):
    experiment_ids: list[str] = []


class DatasetSummariesAnswer(Message, kw_only=True):
    dataset_summaries: list[DatasetSummary] = []


class ModelInput(Message, kw_only=True):
    model_id: Required


class LogInputs(Message, kw_only=True):
    run_id: Required
    datasets: list[DatasetInput] = []
    models: list[ModelInput] = []


def encode_input(one: domain.DatasetInput) -> DatasetInput:
    dataset = one.dataset
    return DatasetInput(
        tags=[InputTag(key=tag.key, value=tag.value) for tag in one.tags],
        dataset=Dataset(
            name=dataset.name,
            digest=dataset.digest,
            source_type=dataset.source_type,
            source=dataset.source,
            schema=dataset.schema or msgspec.UNSET,
            profile=dataset.profile or msgspec.UNSET,
        ),
    )


def decode_input(message: DatasetInput) -> domain.DatasetInput:
    dataset = message.dataset
    return domain.DatasetInput(
        tags=tuple(domain.InputTag(key=tag.key, value=tag.value) for tag in message.tags),
        dataset=domain.Dataset(
            name=dataset.name,
            digest=dataset.digest,
            source_type=dataset.source_type,
            source=dataset.source,
            schema=dataset.schema or None,
            profile=dataset.profile or None,
        ),
    )


def check_search(request: SearchDatasets) -> None:
    """Check the number of experiments. Raises InvalidParameter, in MLflow's words."""
    if not request.experiment_ids:
        raise InvalidParameter("SearchDatasets request must specify at least one experiment_id.")
    if len(request.experiment_ids) > limits.MAX_DATASET_EXPERIMENTS:
        raise InvalidParameter(
            f"SearchDatasets request cannot specify more than {limits.MAX_DATASET_EXPERIMENTS} experiment_ids. "
            f"Received {len(request.experiment_ids)} experiment_ids."
        )


def encode_summaries(found: list[domain.DatasetSummary]) -> DatasetSummariesAnswer:
    return DatasetSummariesAnswer(
        dataset_summaries=[
            DatasetSummary(
                experiment_id=one.experiment_id,
                name=one.name,
                digest=one.digest,
                context=one.context or msgspec.UNSET,
            )
            for one in found
        ]
    )


def decode_summaries(answer: DatasetSummariesAnswer) -> list[domain.DatasetSummary]:
    return [
        domain.DatasetSummary(
            experiment_id=one.experiment_id, name=one.name, digest=one.digest, context=one.context or ""
        )
        for one in answer.dataset_summaries
    ]
