"""The ports for runs and for the history of their metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, runtime_checkable

from mlyard.core.errors import DoesNotExist
from mlyard.domain.inputs import DatasetInput
from mlyard.domain.metrics import Figures, Metric, Sampling, Series
from mlyard.domain.page import PagedList, ScopedQuery
from mlyard.domain.runs import ModelInput, ModelOutput, NewRun, Run, RunBatch, RunInfo


class RunStore(Protocol):
    """Stores runs. Unknown ids raise DoesNotExist. Writes are durable when a method returns."""

    def create(self, new: NewRun) -> Run:
        """Create a run in an active experiment."""

    def get(self, run_id: str) -> Run:
        """A run, even if it is deleted."""

    def update(
        self, run_id: str, *, status: str | None = None, end_time: int | None = None, run_name: str | None = None
    ) -> RunInfo:
        """Change the given attributes. Raises InvalidParameter for a deleted run."""

    def delete(self, run_id: str) -> None:
        """Mark as deleted."""

    def restore(self, run_id: str) -> None:
        """Undo ``delete``."""

    def search(self, query: ScopedQuery) -> PagedList[Run]:
        """The runs that match, by default newest first."""

    def log_batch(self, run_id: str, batch: RunBatch) -> None:
        """Log all of a batch or nothing. Raises InvalidParameter if a param already has another value."""

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag. Raises DoesNotExist if there is none."""

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput] = (), models: Sequence[ModelInput] = ()) -> None:
        """Link datasets and logged models that the run used. Existing links stay unchanged."""

    def log_outputs(self, run_id: str, outputs: Sequence[ModelOutput]) -> None:
        """Link logged models that the run produced."""

    def add_to_tag(self, run_id: str, key: str, entry: Mapping[str, Any]) -> None:
        """Add an entry to the list in a tag (``domain/list_tags.py``), unless the list has it already."""

    def heartbeat(self, run_id: str, seconds: float) -> None:
        """Renew the run's lease: its client is alive and sends the next heartbeat within ``seconds``.

        A run that was ended because its lease had expired is running again.
        """


@runtime_checkable
class SupportsSubmit(Protocol):
    """A run store that can create runs and log without making its caller wait."""

    def submit_create(self, new: NewRun) -> Future[Run] | None:
        """Like ``RunStore.create``; the future is done when the run is durable.

        None when this run would make the caller wait after all; then call ``create`` in a thread.
        """

    def submit_batch(self, run_id: str, batch: RunBatch) -> Future[None] | None:
        """Like ``RunStore.log_batch``; the future is done when the batch is durable.

        None when this batch would make the caller wait after all; then call ``log_batch`` in a thread.
        """


@runtime_checkable
class SupportsGetMany(Protocol):
    """A run store that reads many runs as quickly as one."""

    def get_many(self, run_ids: Sequence[str]) -> list[Run | DoesNotExist]:
        """For each id the run, even if it is deleted, or an error if there is none. An id may occur twice."""


@runtime_checkable
class SupportsLeases(Protocol):
    """A run store that must be told to end the runs whose leases have expired. Over REST, the server does that."""

    def end_lost(self) -> int:
        """Mark the runs whose leases have expired as KILLED, and return how many there were."""


class MetricStore(Protocol):
    """Reads the history of metrics."""

    def history(
        self, run_id: str, key: str, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Metric]:
        """A page of one metric's points, by timestamp, step and value; empty if it was never logged."""

    def history_bulk(self, run_ids: Sequence[str], key: str, max_results: int) -> list[Metric]:
        """The first points of one metric in several runs, by run id. Each point has its ``run_id``."""

    def sample(self, run_ids: Sequence[str], key: str, sampling: Sampling) -> list[Metric]:
        """Points of one metric in several runs, spread evenly, each with its ``run_id``. Unknown runs are left out."""

    def timeline(self, run_id: str, key: str, max_results: int | None = None, page_token: str | None = None) -> Series:
        """The same as ``history``, as columns."""

    def charts(self, run_ids: Sequence[str], keys: Sequence[str], sampling: Sampling) -> list[Series]:
        """Points that keep the extremes, for a chart of each metric in each run, by step.

        The visible steps are divided into ``sampling.count // 4`` buckets, and each of them is drawn with its first,
        lowest, highest and last point; a point may count with the bucket before its own. A history with no more than
        ``sampling.count`` points is returned whole. Unknown runs and metrics without visible points are left out.
        """

    def figures(self, run_ids: Sequence[str], keys: Sequence[str] = ()) -> list[Figures]:
        """The figures of each metric in each run; of all metrics if no keys are given. Unknown ones are left out."""

    def series(self, run_ids: Sequence[str], keys: Sequence[str] = ()) -> Iterator[Series]:
        """The whole history of each metric in each run, by step; of all metrics if no keys are given.

        A long history comes in several pieces, in order, with only one of them in memory at a time.
        """
