"""Permanently removes deleted runs, models and experiments: first the artifacts, then the rows.

In this order, it can be stopped at any point and started again: an object keeps its rows until its artifacts are
gone, and missing artifacts are not an error. A folder is removed only if the store itself would have chosen it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from mlyard.artifacts.paths import check_path
from mlyard.core.errors import DoesNotExist, InvalidParameter, MlyardError
from mlyard.domain.artifacts import FileInfo
from mlyard.domain.uris import PROXIED, parse_location, path_below
from mlyard.ports.artifacts import ArtifactStore
from mlyard.ports.trash import Deleted, TrashStore

_AGE = re.compile(r"(?:(?P<d>\d+)d)?(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m)?(?:(?P<s>\d+)s)?")
# The paths of runs and logged models below a location. Others may upload to the same bucket.
_LAYOUT = re.compile(r"(\d+/)?([0-9a-f]{32}|models/m-[0-9a-f]{32})/artifacts/.+", re.DOTALL)
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


@dataclass
class Report:
    """What was removed or would be (ids by kind, files and bytes), and what was kept, with the reason."""

    removed: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    files: int = 0
    size: int = 0


def age_ms(text: str) -> int:
    """The milliseconds of an age such as ``1d2h3m4s`` or ``30d``. Raises InvalidParameter."""
    match = _AGE.fullmatch(text.strip())
    if not text.strip() or match is None:
        raise InvalidParameter(f"Invalid age {text!r}: write days, hours, minutes and seconds, such as 1d2h3m4s.")
    return 1000 * sum(_SECONDS[unit] * int(number or 0) for unit, number in match.groupdict().items())


class Collector:
    """Removes the deleted objects of a store. ``open_home`` opens the artifacts below an experiment's location."""

    def __init__(self, trash: TrashStore, open_home: Callable[[str], ArtifactStore], *, dry_run: bool = False) -> None:
        self._trash = trash
        self._open = open_home
        self._dry_run = dry_run
        self.report = Report()

    def collect(
        self,
        before: int,
        runs: Sequence[str] = (),
        models: Sequence[str] = (),
        experiments: Sequence[str] = (),
    ) -> Iterator[str]:
        """Remove what is named, or else everything deleted before ``before`` (ms); yields a description of each."""
        trash, everything = self._trash, not (runs or models or experiments)
        chosen_runs = trash.runs(before, runs) if runs or everything else []
        chosen_models = trash.logged_models(before, models) if models or everything else []
        chosen = trash.experiments(before, experiments) if experiments or everything else []
        for experiment in chosen:
            below = trash.of_experiment(experiment.id)
            chosen_runs += [run for run in below[0] if run not in chosen_runs]
            chosen_models += [model for model in below[1] if model not in chosen_models]
        for model in chosen_models:
            yield self._one(
                "logged model", model, _model_folder(model), trash.claim_logged_model, trash.purge_logged_model
            )
        for run in chosen_runs:
            yield self._one("run", run, _run_folder(run), trash.claim_run, trash.purge_run)
        for experiment in chosen:
            yield self._experiment(experiment)

    def sweep(self, before: int, proxied: ArtifactStore) -> Iterator[str]:
        """Drop interrupted uploads below all experiments' locations that began before ``before`` (ms).

        Yields a description of each. ``proxied``: the store of locations that are accessed through the server.
        """
        locations = self._trash.artifact_locations()
        roots = sorted({"" if parse_location(each).scheme == PROXIED else each for each in locations})
        for root in roots:
            try:
                for path in self._dropped(before, self._open(root) if root else proxied):
                    self.report.removed.setdefault("unfinished upload", []).append(path)
                    yield f"unfinished upload {path}"
            except MlyardError as error:
                self.report.kept[f"unfinished uploads below {root or 'the destination'}"] = error.message

    def _dropped(self, before: int, store: ArtifactStore) -> Iterator[str]:
        for found in store.unfinished():
            if found.begun_at < before and (not found.upload_id or _LAYOUT.fullmatch(found.path)):
                if not self._dry_run:
                    store.drop(found)
                yield found.path

    def _one(
        self,
        kind: str,
        deleted: Deleted,
        folder: str | None,
        claim: Callable[[str], None],
        purge: Callable[[str], None],
    ) -> str:
        try:
            if folder is None:
                raise InvalidParameter(
                    f"Its artifacts are at {deleted.artifact_uri!r}, which is not where a {kind} has them by default."
                )
            store = self._artifacts_of(deleted, folder)
            if not self._dry_run:
                claim(deleted.id)  # until now, it could have been restored
                with suppress(DoesNotExist):
                    store.delete(folder)
                purge(deleted.id)
        except MlyardError as error:
            return self._kept(kind, deleted, error)
        return self._removed(kind, deleted)

    def _experiment(self, deleted: Deleted) -> str:
        try:
            self._check_empty(deleted)
            if not self._dry_run:
                self._trash.purge_experiment(deleted.id)
        except MlyardError as error:
            return self._kept("experiment", deleted, error)
        return self._removed("experiment", deleted)

    def _kept(self, kind: str, deleted: Deleted, error: MlyardError) -> str:
        self.report.kept[f"{kind} {deleted.id}"] = error.message
        return f"kept {kind} {deleted.id}"

    def _removed(self, kind: str, deleted: Deleted) -> str:
        self.report.removed.setdefault(kind, []).append(deleted.id)
        return f"{kind} {deleted.id}"

    def _check_empty(self, experiment: Deleted) -> None:
        removed = {each for ids in self.report.removed.values() for each in ids}
        runs, models = self._trash.of_experiment(experiment.id)
        if any(below.id not in removed for below in (*runs, *models)):
            raise InvalidParameter("Some of its runs or models were kept.")

    def _artifacts_of(self, deleted: Deleted, folder: str) -> ArtifactStore:
        """The store of an entity's files, which are counted. Raises InvalidParameter if they must stay."""
        versions = self._trash.versions_below(deleted.artifact_uri)
        if versions:
            raise InvalidParameter(f"Its artifacts contain versions of registered models: {', '.join(versions[:5])}.")
        store = self._open(deleted.experiment_location)
        for file in _walk(store, folder):
            self.report.files += 1
            self.report.size += file.file_size or 0
        return store


def _run_folder(run: Deleted) -> str | None:
    below = path_below(run.artifact_uri, run.experiment_location)
    return check_path(run.id) if below == f"{run.id}/artifacts" else None


def _model_folder(model: Deleted) -> str | None:
    """The folder of a model: its own, or one in the artifacts of its run. None if it is somewhere else."""
    below = path_below(model.artifact_uri, model.experiment_location) or ""
    if below == f"models/{model.id}/artifacts":
        return check_path(f"models/{model.id}")
    is_inside = model.source_run_id and below.startswith(f"{model.source_run_id}/artifacts/")
    return check_path(below) if is_inside else None


def _walk(store: ArtifactStore, path: str) -> Iterator[FileInfo]:
    for info in store.list(path):
        if info.is_dir:
            yield from _walk(store, info.path)
        else:
            yield info
