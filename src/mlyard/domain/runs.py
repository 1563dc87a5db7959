"""Runs: single executions with their params, metrics and tags."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import msgspec

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


class Param(Entity, frozen=True):
    """A param of a run. It is set once.

    Args:
        key: The name of the param.
        value: The value as text.

    Example:
        >>> import mlyard
        >>> from mlyard.entities import Param
        >>> client = mlyard.MlyardClient()
        >>> run_id = client.create_run("0").info.run_id
        >>> client.log_batch(run_id, params=[Param(key="alpha", value="0.5"), Param(key="l1_ratio", value="1")])
        >>> client.get_run(run_id).data.params
        {'alpha': '0.5', 'l1_ratio': '1'}
    """

    key: str
    value: str


class RunTag(Entity, frozen=True):
    """A tag of a run. It can be changed.

    Args:
        key: The name of the tag.
        value: The value as text.

    Example:
        >>> import mlyard
        >>> from mlyard.entities import RunTag
        >>> client = mlyard.MlyardClient()
        >>> run_id = client.create_run("0").info.run_id
        >>> client.log_batch(run_id, tags=[RunTag(key="kind", value="trial")])
        >>> client.get_run(run_id).data.tags["kind"]
        'trial'
    """

    key: str
    value: str


class RunInfo(Entity, frozen=True):
    """The ID, name, status, times and place of a run.

    Args:
        run_id: The ID: 32 hexadecimal digits.
        experiment_id: The experiment that the run belongs to.
        user_id: The user who started the run. ``""`` if it is not known. Default: ``""``.
        status: ``"RUNNING"``, ``"SCHEDULED"``, ``"FINISHED"``, ``"FAILED"`` or ``"KILLED"``. Default: ``"RUNNING"``.
        start_time: Milliseconds since the epoch. None if the server does not report it. Default: None.
        end_time: Milliseconds since the epoch. None while the run has not ended. Default: None.
        lifecycle_stage: ``"active"`` or ``"deleted"``. Default: ``"active"``.
        artifact_uri: The URI of the folder with the run's artifacts. Default: ``""``.
        run_name: The name, which several runs may share. Default: ``""``.
        lost: Whether the server ended the run because its client sent no heartbeat in time. Default: False.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run(run_name="first") as run:
        ...     print(run.info.run_name, run.info.status, run.info.end_time)
        first RUNNING None
        >>> mlyard.get_run(run.info.run_id).info.status
        'FINISHED'
    """

    run_id: str
    experiment_id: str
    user_id: str = ""
    status: str = RUNNING
    start_time: int | None = None
    end_time: int | None = None
    lifecycle_stage: str = ACTIVE
    artifact_uri: str = ""
    run_name: str = ""
    lost: bool = False

    @property
    def run_uuid(self) -> str:
        """The run id, under the name that MLflow used before 1.0."""
        return self.run_id

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        yield from ((name, value) for name, value in super().__iter__() if name != "lost")


class RunData(Entity, frozen=True, dict=True):
    """The metrics, params and tags of a run.

    Args:
        latest_metrics: The latest point of each metric: the one with the largest step, then timestamp, then value.
            ``metrics`` has their values by key. Default: none.
        params: The params by key. Default: none.
        tags: The tags by key. Default: none.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_params({"alpha": 0.5})
        ...     mlyard.log_metric("loss", 1.0, step=1)
        ...     mlyard.log_metric("loss", 0.5, step=2)
        >>> data = mlyard.get_run(run.info.run_id).data
        >>> data.params, data.metrics, data.latest_metrics[0].step
        ({'alpha': '0.5'}, {'loss': 0.5}, 2)
    """

    latest_metrics: tuple[Metric, ...] = ()
    params: dict[str, str] = {}
    tags: dict[str, str] = {}

    @cached_property
    def metrics(self) -> dict[str, float]:
        """The latest value of each metric."""
        return {metric.key: metric.value for metric in self.latest_metrics}

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        yield from (("metrics", self.metrics), ("params", self.params), ("tags", self.tags))


class ModelOutput(Entity, frozen=True):
    """A logged model that a run produced.

    Args:
        model_id: The ID of the logged model.
        step: The step of the training at which the run produced it. Default: 0.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        ...     info = mlyard.sklearn.log_model(model, name="line", step=3)
        >>> output = mlyard.get_run(run.info.run_id).outputs.model_outputs[0]
        >>> output.model_id == info.model_id, output.step
        (True, 3)
    """

    model_id: str
    step: int = 0


class RunOutputs(Entity, frozen=True):
    """What a run produced."""

    model_outputs: tuple[ModelOutput, ...] = ()


class ModelInput(Entity, frozen=True):
    """A logged model that a run used."""

    model_id: str


class RunInputs(Entity, frozen=True):
    """What a run consumed: datasets and logged models."""

    dataset_inputs: tuple[DatasetInput, ...] = ()
    model_inputs: tuple[ModelInput, ...] = ()


class Run(Entity, frozen=True):
    """A run: one execution with its params, metrics and tags.

    Args:
        info: The ID, name, status, times and place.
        data: The params, metrics and tags. Default: none.
        inputs: The datasets and logged models that the run used. Default: none.
        outputs: The logged models that the run produced. Default: none.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run(run_name="first") as active:
        ...     mlyard.log_metric("rmse", 0.5)
        >>> run = mlyard.get_run(active.info.run_id)
        >>> run.info.run_name, run.data.metrics
        ('first', {'rmse': 0.5})
    """

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
    _check_counts(batch)
    return storable_values(batch)


def storable_values(batch: RunBatch) -> RunBatch:
    """Like ``storable_batch``, for any number of values."""
    if any(_is_no_name(tag) for tag in batch.tags):
        batch = msgspec.structs.replace(batch, tags=tuple(tag for tag in batch.tags if not _is_no_name(tag)))
    if settings.TRUNCATE_LONG_VALUES.get():
        batch = _truncated(batch)
    _check_values(batch)
    return batch


def _is_no_name(tag: RunTag) -> bool:
    """Whether a tag would take a run's name away: a run always has one, so such a tag is left out."""
    return tag.key == TAG_RUN_NAME and not tag.value


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
    _check_values(batch)


def _check_values(batch: RunBatch) -> None:
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
    names.check_int64(new.start_time, "start_time")
    tags = RunBatch(tags=tuple(RunTag(key=key, value=value) for key, value in new.tags_with_name.items()))
    return {tag.key: tag.value for tag in storable_values(tags).tags}


def changed_param(run_id: str, key: str, old: str, new: str) -> InvalidParameter:
    """The error for a param that already has another value."""
    return InvalidParameter(
        f"Changing param values is not allowed. Param with key='{key}' was already logged with "
        f"value='{old}' for run ID='{run_id}'. Attempted logging new value '{new}'."
    )
