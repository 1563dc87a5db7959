"""Finds where a model's files are: for a model version by its source, for a model of a run by its name.

A source is an address, a run, a logged model or another version. The run or logged model may be on another tracking
server, because a registry can be apart from it. Such a source is stored as it is: clients find the files with the help
of their tracking server.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from mlyard.artifacts.factory import local_folder
from mlyard.artifacts.locations import OBJECT_STORES, check_plain, has_a_place, is_allowed, split_uri
from mlyard.artifacts.paths import check_file_path
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.domain.logged_models import LoggedModel, LoggedModelQuery
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.registered_models import TAG_IS_PROMPT
from mlyard.domain.runs import RunInfo
from mlyard.ports.store import Store

T = TypeVar("T")
_MODEL_ID = re.compile(r"m-[0-9a-zA-Z]{1,64}")
_RUN_ID = re.compile(r"[0-9a-f]{32}")
# What MLflow's clients give as the source of a prompt, whose text is in its tags.
_PLACEHOLDER = re.compile(r"[A-Za-z0-9_-]{1,100}")


def resolve_source(store: Store, new: NewModelVersion, *, trusted: bool = False) -> NewModelVersion:
    """The version with the location of its files, and with the run of its logged model.

    A source that a client sent must be an allowed object store, within the artifacts of its run or model, or on
    another server; the client must then name the run or model as well. A ``trusted`` source, from the store's own
    process, may be any address. Raises InvalidParameter when the source is not allowed, and DoesNotExist when it names
    a run, model or version that does not exist.
    """
    located = _located(store, new, trusted=trusted)
    model = _known(store.logged_models.get, located.model_id) if located.model_id and not located.run_id else None
    if model is None or not model.source_run_id:
        return located
    return _replaced(located, located.storage_location, run_id=model.source_run_id, model_id=located.model_id)


def _located(store: Store, new: NewModelVersion, *, trusted: bool) -> NewModelVersion:
    if TAG_IS_PROMPT in new.tags and _PLACEHOLDER.fullmatch(new.source):
        return new
    _check_plain(new.source)
    scheme, authority, _ = split_uri(new.source)
    if scheme == "models":
        return _from_models(store, new)
    if scheme == "runs":
        return _from_run(store, new)
    if trusted or (scheme in OBJECT_STORES and has_a_place(new.source) and is_allowed(new.source)):
        return new
    if scheme == "mlflow-artifacts" and not authority and _is_proxied_elsewhere(store, new):
        return new
    return _within_run(store, new)


def _check_plain(source: str) -> None:
    what = "model version source"
    try:
        check_plain(source, what)
    except InvalidParameter as error:
        why = error.message.removeprefix(f"Invalid {what} {source!r}: ").rstrip(".")
        raise _refused(source, f"If supplying a source as an http, https, or other address, {why}") from None


def _from_models(store: Store, new: NewModelVersion) -> NewModelVersion:
    rest = new.source[len("models:/") :].strip("/")
    if _MODEL_ID.fullmatch(rest):
        return _from_logged_model(store, new, rest)
    name, slash, version = rest.partition("/")
    if not slash or not version.isdigit():
        raise _refused(new.source, "write models:/<name>/<version> or models:/m-<id>")
    origin = store.model_versions.get(name, version)
    if TAG_IS_PROMPT in origin.tags:
        raise _refused(new.source, "it is a version of a prompt, not of a model")
    location = store.model_versions.download_uri(name, version)
    return _replaced(new, location, run_id=new.run_id or origin.run_id, model_id=new.model_id or origin.model_id)


def _from_logged_model(store: Store, new: NewModelVersion, model_id: str) -> NewModelVersion:
    if new.model_id == model_id and _known(store.logged_models.get, model_id) is None:
        return new
    model = store.logged_models.get(model_id)
    return _replaced(new, model.artifact_uri, run_id=new.run_id or model.source_run_id or "", model_id=model_id)


def _from_run(store: Store, new: NewModelVersion) -> NewModelVersion:
    run_id, _, path = new.source[len("runs:/") :].partition("/")
    if not path:
        raise _refused(new.source, "write runs:/<run id>/<path of the model>")
    check_file_path(path)
    if _is_of_elsewhere(store, new) and _known(store.runs.get, run_id) is None:
        return new
    info = store.runs.get(run_id).info
    if new.run_id and new.run_id != run_id:
        raise _refused(new.source, f"its run differs from the given run_id, {new.run_id}")
    model = separate_model(store, info, path)
    if model is not None and path == model.name:
        return _replaced(new, model.artifact_uri, run_id=run_id, model_id=model.model_id)
    return _replaced(new, f"{info.artifact_uri}/{path}", run_id=run_id, model_id=new.model_id)


def _is_of_elsewhere(store: Store, new: NewModelVersion) -> bool:
    """Whether a version names a run or logged model, and this server knows neither."""
    run = _known(store.runs.get, new.run_id) if new.run_id else None
    model = _known(store.logged_models.get, new.model_id) if new.model_id else None
    return bool(new.run_id or new.model_id) and run is None and model is None


def _is_proxied_elsewhere(store: Store, new: NewModelVersion) -> bool:
    """Whether an address of proxied artifacts is one of another server."""
    return _is_of_elsewhere(store, new) and not is_here(store, new.source)


def is_here(store: Store, uri: str) -> bool:
    """Whether an address of proxied artifacts names a run or logged model of this server, or the root of them all."""
    steps = [step for step in split_uri(uri)[2].split("/") if step]
    runs = (_known(store.runs.get, step) for step in steps if _RUN_ID.fullmatch(step))
    models = (_known(store.logged_models.get, step) for step in steps if _MODEL_ID.fullmatch(step))
    return not steps or any(runs) or any(models)


def _known(get: Callable[[str], T], name: str) -> T | None:
    """The run or logged model, if it is on this server."""
    try:
        return get(name)
    except DoesNotExist:
        return None


def separate_model(store: Store, info: RunInfo, path: str) -> LoggedModel | None:
    """The logged model that a path of a run names, if its files are outside the run's artifacts.

    MLflow 3 keeps such a model in its own folder; clients address it in the run by the model's name.
    """
    found = model_of_run(store, info, path)
    return None if found is None or found.artifact_uri.startswith(f"{info.artifact_uri}/") else found


def model_of_run(store: Store, info: RunInfo, path: str) -> LoggedModel | None:
    """The newest logged model of a run whose name is the first step of a path."""
    name = path.partition("/")[0]
    if not name:
        return None
    quoted = name.replace("'", "''")
    query = LoggedModelQuery(
        experiment_ids=(info.experiment_id,),
        filter=f"source_run_id = '{info.run_id}' AND name = '{quoted}'",
        max_results=1,
    )
    return next(iter(store.logged_models.search(query)), None)


def _within_run(store: Store, new: NewModelVersion) -> NewModelVersion:
    problem = (
        "To use a local path as a model version source, the run_id request parameter has to be specified and the "
        "local path has to be contained within the artifact directory of the run specified by the run_id"
    )
    source = _comparable(new.source)
    for root in map(_comparable, _roots(store, new)):
        below = f"{root.rstrip('/')}/"
        if source == root or source.startswith(below):
            if path := source[len(below) :]:
                check_file_path(path)
            return _replaced(new, new.source, run_id=new.run_id, model_id=new.model_id)
    raise _refused(new.source, problem)


def _comparable(uri: str) -> str:
    """A local folder as a path, because clients write ``/folder`` for ``file:///folder``; another address as it is."""
    folder = local_folder(uri)
    return uri if folder is None else str(folder)


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
