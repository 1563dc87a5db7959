"""Finds where a model's files are: for a model version by its source, for a model of a run by its name.

A source is an address, a run, a logged model or another version.
"""

from __future__ import annotations

import re

from mlyard.artifacts.locations import OBJECT_STORES, check_plain, has_a_place, is_allowed, split_uri
from mlyard.artifacts.paths import check_file_path
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.domain.logged_models import LoggedModel, LoggedModelQuery
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.runs import RunInfo
from mlyard.ports.store import Store

_MODEL_ID = re.compile(r"m-[0-9a-zA-Z]{1,64}")


def resolve_source(store: Store, new: NewModelVersion, *, trusted: bool = False) -> NewModelVersion:
    """The version with the location of its files, and with the run of its logged model.

    A source that a client sent must be an allowed object store, or within the artifacts of its run or model. A
    ``trusted`` source, from the store's own process, may be any address. Raises InvalidParameter when the source is
    not allowed, and DoesNotExist when it names a run, model or version that does not exist.
    """
    check_plain(new.source, "model version source")
    scheme, _, _ = split_uri(new.source)
    if scheme == "models":
        return _from_models(store, new)
    if scheme == "runs":
        return _from_run(store, new)
    if trusted or (scheme in OBJECT_STORES and has_a_place(new.source) and is_allowed(new.source)):
        return new
    return _within_run(store, new)


def _from_models(store: Store, new: NewModelVersion) -> NewModelVersion:
    rest = new.source[len("models:/") :].strip("/")
    if _MODEL_ID.fullmatch(rest):
        model = store.logged_models.get(rest)
        return _replaced(new, model.artifact_uri, run_id=new.run_id or model.source_run_id or "", model_id=rest)
    name, slash, version = rest.partition("/")
    if not slash or not version.isdigit():
        raise _refused(new.source, "write models:/<name>/<version> or models:/m-<id>")
    origin = store.model_versions.get(name, version)
    location = store.model_versions.download_uri(name, version)
    return _replaced(new, location, run_id=new.run_id or origin.run_id, model_id=new.model_id or origin.model_id)


def _from_run(store: Store, new: NewModelVersion) -> NewModelVersion:
    run_id, _, path = new.source[len("runs:/") :].partition("/")
    if not path:
        raise _refused(new.source, "write runs:/<run id>/<path of the model>")
    if new.run_id and new.run_id != run_id:
        raise _refused(new.source, f"its run differs from the given run_id, {new.run_id}")
    check_file_path(path)
    info = store.runs.get(run_id).info
    model = separate_model(store, info, path)
    if model is not None and path == model.name:
        return _replaced(new, model.artifact_uri, run_id=run_id, model_id=model.model_id)
    return _replaced(new, f"{info.artifact_uri}/{path}", run_id=run_id, model_id=new.model_id)


def separate_model(store: Store, info: RunInfo, path: str) -> LoggedModel | None:
    """The logged model that a path of a run names, if its files are outside the run's artifacts.

    MLflow 3 keeps such a model in its own folder; clients address it in the run by the model's name.
    """
    name = path.partition("/")[0]
    if not name:
        return None
    quoted = name.replace("'", "''")
    query = LoggedModelQuery(
        experiment_ids=(info.experiment_id,),
        filter=f"source_run_id = '{info.run_id}' AND name = '{quoted}'",
        max_results=1,
    )
    found = store.logged_models.search(query)
    within = bool(found) and found[0].artifact_uri.startswith(f"{info.artifact_uri}/")
    return found[0] if found and not within else None


def _within_run(store: Store, new: NewModelVersion) -> NewModelVersion:
    problem = (
        "To use a local path as a model version source, the run_id request parameter has to be specified and the "
        "local path has to be contained within the artifact directory of the run specified by the run_id"
    )
    for root in _roots(store, new):
        below = f"{root.rstrip('/')}/"
        if new.source == root or new.source.startswith(below):
            if path := new.source[len(below) :]:
                check_file_path(path)
            return _replaced(new, new.source, run_id=new.run_id, model_id=new.model_id)
    raise _refused(new.source, problem)


def _roots(store: Store, new: NewModelVersion) -> list[str]:
    roots: list[str] = []
    try:
        if new.run_id:
            roots.append(store.runs.get(new.run_id).info.artifact_uri)
        if new.model_id:
            roots.append(store.logged_models.get(new.model_id).artifact_uri)
    except DoesNotExist as error:
        raise _refused(new.source, error.message) from None
    return [root for root in roots if root]


def _replaced(new: NewModelVersion, location: str, *, run_id: str, model_id: str | None) -> NewModelVersion:
    return NewModelVersion(**{**dict(new), "storage_location": location, "run_id": run_id, "model_id": model_id})


def _refused(source: str, why: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid model version source: '{source}'. {why}.")
