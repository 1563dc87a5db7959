"""Datasets used by runs."""

from __future__ import annotations

from collections.abc import Iterable

from mlyard.core.errors import InvalidParameter
from mlyard.domain import limits, names
from mlyard.domain.entity import Entity

TAG_CONTEXT = "mlflow.data.context"


class Dataset(Entity, frozen=True):
    """A dataset. ``name`` and ``digest`` identify it within an experiment."""

    name: str
    digest: str
    source_type: str = ""
    source: str = ""
    schema: str | None = None
    profile: str | None = None


class InputTag(Entity, frozen=True):
    """A tag on the use of a dataset by a run."""

    key: str
    value: str


class DatasetInput(Entity, frozen=True):
    """A dataset as a run used it."""

    dataset: Dataset
    tags: tuple[InputTag, ...] = ()

    @property
    def context(self) -> str:
        """What the run used the dataset for, such as 'training'; '' if unknown."""
        return next((tag.value for tag in self.tags if tag.key == TAG_CONTEXT), "")


class DatasetSummary(Entity, frozen=True, kw_only=True):
    """A dataset that runs of an experiment used, and what for."""

    experiment_id: str
    name: str
    digest: str
    context: str = ""


def check_inputs(inputs: Iterable[DatasetInput]) -> None:
    """Check names and lengths. Raises InvalidParameter."""
    for one in inputs:
        dataset = one.dataset
        if not dataset.name:
            raise InvalidParameter("A dataset needs a name.")
        names.check_length(dataset.name, limits.MAX_NAME, "Dataset name")
        names.check_length(dataset.digest, limits.MAX_DATASET_DIGEST, "Dataset digest")
        names.check_length(dataset.source_type, limits.MAX_DATASET_DIGEST, "Dataset source_type")
        names.check_length(dataset.source, limits.MAX_DATASET_SOURCE, "Dataset source")
        names.check_length(dataset.schema or "", limits.MAX_DATASET_SCHEMA, "Dataset schema")
        names.check_length(dataset.profile or "", limits.MAX_DATASET_PROFILE, "Dataset profile")
        for tag in one.tags:
            names.check_length(tag.key, limits.MAX_INPUT_TAG_KEY, "Input tag key")
            names.check_length(tag.value, limits.MAX_INPUT_TAG_VALUE, "Input tag value")
