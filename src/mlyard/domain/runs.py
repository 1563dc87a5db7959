"""Runs: single executions with their params, metrics and tags."""

from __future__ import annotations

from functools import cached_property

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.core.ids import new_run_name
from mlyard.domain import limits, names
from mlyard.domain.entity import Entity
from mlyard.domain.experiments import ACTIVE
from mlyard.domain.inputs import DatasetInput
from mlyard.domain.metrics import Metric, check_point

RUNNING, SCHEDULED, FINISHED, FAILED, KILLED = "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"
STATUSES = (RUNNING, SCHEDULED, FINISHED, FAILED, KILLED)
TERMINAL = (FINISHED, FAILED, KILLED)

TAG_RUN_NAME = "mlflow.runName"
TAG_USER = "mlflow.user"
TAG_PARENT_RUN_ID = "mlflow.parentRunId"
TAG_SOURCE_NAME = "mlflow.source.name"
TAG_SOURCE_TYPE = "mlflow.source.type"
TAG_GIT_COMMIT = "mlflow.source.git.commit"
TAG_NOTE = "mlflow.note.content"
TAG_LOGGED_MODELS = "mlflow.log-model.history"


class Param(Entity, frozen=True, kw_only=True):
    """A param: text that is set once."""

    key: str
    value: str


class RunTag(Entity, frozen=True, kw_only=True):
    """A tag: text that can be changed."""

    key: str
    value: str


class RunInfo(Entity, frozen=True, kw_only=True):
    """A run without its data. Times in ms; ``status`` is one of STATUSES.

    ``lost``: it was ended because its client sent no heartbeat in time.
    """

    run_id: str
    experiment_id: str
    run_name: str = ""
    user_id: str = ""
    status: str = RUNNING
    start_time: int | None = None
    end_time: int | None = None
    artifact_uri: str = ""
    lifecycle_stage: str = ACTIVE
    lost: bool = False

    @property
    def run_uuid(self) -> str:
        """The run id, under the name that MLflow used before 1.0."""
        return self.run_id


class RunData(Entity, frozen=True, kw_only=True, dict=True):
    """Latest metrics (by largest step, then timestamp, then value), params and tags."""

    latest_metrics: tuple[Metric, ...] = ()
    params: dict[str, str] = {}
    tags: dict[str, str] = {}

    @cached_property
    def metrics(self) -> dict[str, float]:
        """The latest value of each metric."""
        return {metric.key: metric.value for metric in self.latest_metrics}


class ModelOutput(Entity, frozen=True, kw_only=True):
    """A logged model that a run produced, and the step at which it did."""

    model_id: str
    step: int = 0


class RunOutputs(Entity, frozen=True, kw_only=True):
    """What a run produced."""

    model_outputs: tuple[ModelOutput, ...] = ()


class ModelInput(Entity, frozen=True, kw_only=True):
    """A logged model that a run used."""

    model_id: str


class RunInputs(Entity, frozen=True, kw_only=True):
    """What a run consumed: datasets and logged models."""

    dataset_inputs: tuple[DatasetInput, ...] = ()
    model_inputs: tuple[ModelInput, ...] = ()


class Run(Entity, frozen=True, kw_only=True):
    """A run with all its data."""

    info: RunInfo
    data: RunData = RunData()
    inputs: RunInputs = RunInputs()
    outputs: RunOutputs = RunOutputs()


class NewRun(Entity, frozen=True, kw_only=True):
    """A run to be created. If it has no name, it gets a random one.

    ``request_id`` is mlyard's addition to MLflow's protocol: requests with the same id create one run only.
    """

    experiment_id: str
    user_id: str = ""
    run_name: str = ""
    start_time: int | None = None
    tags: dict[str, str] = {}
    request_id: str | None = None

    @property
    def tags_with_name(self) -> dict[str, str]:
        """The tags including the run's name, a random one if there is none. Raises InvalidParameter."""
        tagged = self.tags.get(TAG_RUN_NAME)
        if self.run_name and tagged and tagged != self.run_name:
            raise InvalidParameter(
                f"Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
                f"(run_name='{self.run_name}', mlflow.runName='{tagged}')."
            )
        return {**self.tags, TAG_RUN_NAME: self.run_name or tagged or new_run_name()}


class RunBatch(Entity, frozen=True, kw_only=True):
    """Metrics, params and tags that are logged to a run together: all of them or none."""

    metrics: tuple[Metric, ...] = ()
    params: tuple[Param, ...] = ()
    tags: tuple[RunTag, ...] = ()


def storable_batch(batch: RunBatch) -> RunBatch:
    """The batch to store: values over the length limit are truncated or refused. Raises InvalidParameter."""
    if settings.TRUNCATE_LONG_VALUES.get():
        batch = _truncated(batch)
    check_batch(batch)
    return batch


def _truncated(batch: RunBatch) -> RunBatch:
    if all(len(p.value) <= limits.MAX_PARAM_VALUE for p in batch.params) and all(
        len(t.value) <= limits.MAX_TAG_VALUE for t in batch.tags
    ):
        return batch
    return RunBatch(
        metrics=batch.metrics,
        params=tuple(Param(key=p.key, value=p.value[: limits.MAX_PARAM_VALUE]) for p in batch.params),
        tags=tuple(RunTag(key=t.key, value=t.value[: limits.MAX_TAG_VALUE]) for t in batch.tags),
    )


def check_batch(batch: RunBatch) -> None:
    """Check the names, lengths and counts of a batch. Raises InvalidParameter."""
    _check_counts(batch)
    for metric in batch.metrics:
        names.check_key(metric.key, "Metric name", "name")
        check_point(metric)
    for param in batch.params:
        names.check_key(param.key, "Param key", "key")
        names.check_length(param.value, limits.MAX_PARAM_VALUE, f"Param value of {param.key}")
    for tag in batch.tags:
        names.check_key(tag.key, "Tag key", "key")
        names.check_length(tag.value, limits.MAX_TAG_VALUE, f"Tag value of {tag.key}")
    _check_params_differ(batch)


def _check_counts(batch: RunBatch) -> None:
    counts = (
        ("metrics", len(batch.metrics), limits.MAX_BATCH_METRICS),
        ("params", len(batch.params), limits.MAX_BATCH_PARAMS),
        ("tags", len(batch.tags), limits.MAX_BATCH_TAGS),
        ("metrics, params, and tags", len(batch.metrics) + len(batch.params) + len(batch.tags), limits.MAX_BATCH),
    )
    for what, count, limit in counts:
        if count > limit:
            raise InvalidParameter(
                f"A batch logging request can contain at most {limit} {what}. "
                f"Got {count} {what}. Please split up {what} across multiple requests and try again."
            )


def _check_params_differ(batch: RunBatch) -> None:
    seen: dict[str, str] = {}
    for param in batch.params:
        if param.key in seen:
            raise InvalidParameter(
                f"Duplicate parameter keys have been submitted: '{param.key}' "
                f"with the values '{seen[param.key]}' and '{param.value}'."
            )
        seen[param.key] = param.value


def check_status(status: str) -> None:
    """Check that a status is one of STATUSES. Raises InvalidParameter."""
    if status not in STATUSES:
        raise InvalidParameter(f"Invalid run status {status!r}. Use one of {', '.join(STATUSES)}.")


def storable_tags(new: NewRun) -> dict[str, str]:
    """The tags to store for a new run, including its name. Raises InvalidParameter."""
    names.check_length(new.user_id, limits.MAX_USER, "user_id")
    tags = RunBatch(tags=tuple(RunTag(key=key, value=value) for key, value in new.tags_with_name.items()))
    return {tag.key: tag.value for tag in storable_batch(tags).tags}


def changed_param(run_id: str, key: str, old: str, new: str) -> InvalidParameter:
    """The error for a param that already has another value."""
    return InvalidParameter(
        f"Changing param values is not allowed. Param with key='{key}' was already logged with "
        f"value='{old}' for run ID='{run_id}'. Attempted logging new value '{new}'."
    )
