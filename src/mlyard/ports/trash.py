"""The port to what was deleted and is still there, for good removal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mlyard.domain.entity import Entity


class Deleted(Entity, frozen=True, kw_only=True):
    """A deleted run, logged model or experiment; ``home`` is its experiment's artifact location, times are ms."""

    id: str
    deleted_time: int
    artifact_uri: str
    home: str
    source_run_id: str = ""


class TrashStore(Protocol):
    """Deleted things, oldest first; those of ``ids``, or all that were deleted before a time in ms."""

    def runs(self, before: int, ids: Sequence[str] = ()) -> list[Deleted]:
        """Raises InvalidParameter when a run of ``ids`` is not deleted, or not as long ago."""

    def logged_models(self, before: int, ids: Sequence[str] = ()) -> list[Deleted]:
        """Raises InvalidParameter when a model of ``ids`` is not deleted, or not as long ago."""

    def experiments(self, before: int, ids: Sequence[str] = ()) -> list[Deleted]:
        """Without the default one. Raises InvalidParameter as the others."""

    def of_experiment(self, experiment_id: str) -> tuple[list[Deleted], list[Deleted]]:
        """The runs and the logged models of a deleted experiment."""

    def pins(self, uri: str) -> list[str]:
        """Versions of registered models, ``name/version``, whose files lie at or below a URI."""

    def homes(self) -> list[str]:
        """The artifact locations of all experiments, each once."""

    def purge_run(self, run_id: str) -> None:
        """Remove a deleted run's rows. Where it is broken off, the run is still found, and can be purged again."""

    def purge_logged_model(self, model_id: str) -> None:
        """Remove a deleted model's rows."""

    def purge_experiment(self, experiment_id: str) -> None:
        """Remove a deleted experiment that has no runs and no models left. Raises InvalidParameter if it has."""
