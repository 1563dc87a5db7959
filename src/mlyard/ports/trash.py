"""The port for removing deleted entities permanently."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mlyard.domain.entity import Entity


class Deleted(Entity, frozen=True, kw_only=True):
    """A deleted run, logged model or experiment. Times are in ms.

    ``experiment_location`` is the artifact location of its experiment.
    """

    id: str
    deleted_time: int
    artifact_uri: str
    experiment_location: str
    source_run_id: str = ""


class TrashStore(Protocol):
    """Finds and removes deleted entities. Lists are oldest first.

    They have the entities of ``ids``, or without ``ids`` all that were deleted up to the time ``before`` (in ms).
    """

    def runs(self, before: int, ids: Sequence[str] = ()) -> list[Deleted]:
        """Deleted runs. Raises InvalidParameter if one of ``ids`` is not deleted, or was deleted later."""

    def logged_models(self, before: int, ids: Sequence[str] = ()) -> list[Deleted]:
        """Deleted logged models. Raises InvalidParameter if one of ``ids`` is not deleted, or was deleted later."""

    def experiments(self, before: int, ids: Sequence[str] = ()) -> list[Deleted]:
        """Deleted experiments, except for the default one. Raises InvalidParameter like the other methods."""

    def of_experiment(self, experiment_id: str) -> tuple[list[Deleted], list[Deleted]]:
        """The runs and the logged models of a deleted experiment."""

    def versions_below(self, uri: str) -> list[str]:
        """The model versions, as ``name/version``, whose files are at or below a URI."""

    def artifact_locations(self) -> list[str]:
        """The artifact locations of all experiments, each once."""

    def claim_run(self, run_id: str) -> None:
        """Take a deleted run out of the reach of ``restore``. Raises InvalidParameter if it is not deleted any more."""

    def claim_logged_model(self, model_id: str) -> None:
        """Like ``claim_run``, for a logged model."""

    def purge_run(self, run_id: str) -> None:
        """Remove a deleted run. If this is interrupted, the run can still be found and purged again."""

    def purge_logged_model(self, model_id: str) -> None:
        """Remove a deleted logged model."""

    def purge_experiment(self, experiment_id: str) -> None:
        """Remove a deleted experiment. Raises InvalidParameter if it still has runs or logged models."""
