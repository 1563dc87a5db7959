"""Finds where a model's files are: for a model version by its source, for a model of a run by its name.

A source is a URI of artifacts, a run, a logged model or another version. The run or logged model may be on another
tracking server, because a registry can be apart from it. Such a source is stored as it is: clients find the files with
the help of their tracking server.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from mlyard.artifacts.factory import local_folder
from mlyard.artifacts.locations import allowed_locations, ambiguity, has_a_place, is_allowed
from mlyard.artifacts.paths import check_file_path, check_path
from mlyard.core import settings
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.domain.logged_models import LoggedModel, LoggedModelQuery
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.registered_models import TAG_IS_PROMPT
from mlyard.domain.runs import RunInfo
from mlyard.domain.uris import (
    PROXIED,
    check_exact,
    is_model_id,
    is_model_uri,
    is_run_uri,
    join,
    parse_location,
    parse_model_uri,
    parse_run_uri,
    path_below,
)
from mlyard.ports.store import Store

T = TypeVar("T")
_RUN_ID = re.compile(r"[0-9a-f]{32}")
# What MLflow's clients give as the source of a prompt, whose text is in its tags.
_PLACEHOLDER = re.compile(r"[A-Za-z0-9_-]{1,100}")


def resolve_source(store: Store, new: NewModelVersion, *, trusted: bool = False) -> NewModelVersion:
    """The version with the location of its files, and with the run of its logged model.

    A source that a client sent must be in a place that the operator allows, within the artifacts of its run or model,
    or on another server; the client must then name the run or model as well. If the operator has set a pattern for
    sources, the source or the location must match it. A ``trusted`` source, from the store's own process, may be any
    URI. Raises InvalidParameter when the source is not allowed, and DoesNotExist when it names a
    run, model or version that does not exist.
    """
    located = _located(store, new, trusted=trusted)
    if not trusted:
        _check_pattern(located)
    model = _known(store.logged_models.get, located.model_id) if located.model_id and not located.run_id else None
    if model is None or not model.source_run_id:
        return located
    return _replaced(located, located.storage_location, run_id=model.source_run_id, model_id=located.model_id)


def _located(store: Store, new: NewModelVersion, *, trusted: bool) -> NewModelVersion:
    if _has_no_files(new):
        return new
    if is_model_uri(new.source):
        return _from_models(store, new)
    if is_run_uri(new.source):
        return _from_run(store, new)
    if trusted:
        check_exact(new.source, "model version source")
        return new
    problem = ambiguity(new.source)
    if problem:
        raise _refused(new.source, f"If supplying a source as an http, https, or other address, {problem}")
    return _from_place(store, new)


def _has_no_files(new: NewModelVersion) -> bool:
    return TAG_IS_PROMPT in new.tags and _PLACEHOLDER.fullmatch(new.source) is not None


def _check_pattern(new: NewModelVersion) -> None:
    pattern = settings.SOURCE_VALIDATION_REGEX.get()
    if pattern is None or _has_no_files(new):
        return
    if not any(pattern.search(uri) for uri in (new.source, new.storage_location) if uri):
        raise _refused(
            new.source,
            f"This server accepts sources that match {pattern.pattern!r}, its setting "
            f"MLYARD_{settings.SOURCE_VALIDATION_REGEX.name}",
        )


def _from_models(store: Store, new: NewModelVersion) -> NewModelVersion:
    source = _parsed(new.source, parse_model_uri)
    if source.path or not (source.model_id or source.version):
        raise _refused(new.source, "write models:/<name>/<version> or models:/m-<id>")
    if source.model_id:
        return _from_logged_model(store, new, source.model_id)
    origin = store.model_versions.get(source.name, source.version)
    if TAG_IS_PROMPT in origin.tags:
        raise _refused(new.source, "it is a version of a prompt, not of a model")
    location = store.model_versions.download_uri(source.name, source.version)
    return _replaced(new, location, run_id=new.run_id or origin.run_id, model_id=new.model_id or origin.model_id)


def _from_logged_model(store: Store, new: NewModelVersion, model_id: str) -> NewModelVersion:
    if new.model_id == model_id and _known(store.logged_models.get, model_id) is None:
        return new
    model = store.logged_models.get(model_id)
    return _replaced(new, model.artifact_uri, run_id=new.run_id or model.source_run_id or "", model_id=model_id)


def _from_run(store: Store, new: NewModelVersion) -> NewModelVersion:
    source = _parsed(new.source, parse_run_uri)
    if not source.path:
        raise _refused(new.source, "write runs:/<run id>/<path of the model>")
    check_file_path(source.path)
    if _is_of_elsewhere(store, new) and _known(store.runs.get, source.run_id) is None:
        return new
    info = store.runs.get(source.run_id).info
    if new.run_id and new.run_id != source.run_id:
        raise _refused(new.source, f"its run differs from the given run_id, {new.run_id}")
    model = separate_model(store, info, source.path)
    if model is not None and source.path == model.name:
        return _replaced(new, model.artifact_uri, run_id=source.run_id, model_id=model.model_id)
    return _replaced(new, join(info.artifact_uri, source.path), run_id=source.run_id, model_id=new.model_id)


def _parsed(source: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(source)
    except InvalidParameter as error:
        raise _refused(source, error.message.rstrip(".")) from None


def _is_of_elsewhere(store: Store, new: NewModelVersion) -> bool:
    """Whether a version names a run or logged model, and this server knows neither."""
    run = _known(store.runs.get, new.run_id) if new.run_id else None
    model = _known(store.logged_models.get, new.model_id) if new.model_id else None
    return bool(new.run_id or new.model_id) and run is None and model is None


def _is_proxied_elsewhere(store: Store, new: NewModelVersion) -> bool:
    """Whether the source is a URI of proxied artifacts of another server."""
    found = parse_location(new.source)
    is_proxied = found.scheme == PROXIED and not found.authority
    return is_proxied and _is_of_elsewhere(store, new) and not is_here(store, new.source)


def is_here(store: Store, uri: str) -> bool:
    """Whether a URI of proxied artifacts names a run or logged model of this server, or the root of them all."""
    steps = [step for step in parse_location(uri).path.split("/") if step]
    runs = (_known(store.runs.get, step) for step in steps if _RUN_ID.fullmatch(step))
    models = (_known(store.logged_models.get, step) for step in steps if is_model_id(step))
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
    return None if found is None or path_below(found.artifact_uri, info.artifact_uri) is not None else found


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


def _from_place(store: Store, new: NewModelVersion) -> NewModelVersion:
    """A version from a folder or a URI: where the operator allows it, or in the artifacts of its run or model."""
    is_local = parse_location(new.source).scheme in {"", "file", PROXIED}
    if not is_local and has_a_place(new.source) and is_allowed(new.source):
        return new
    if _is_proxied_elsewhere(store, new):
        return new
    source = _comparable(new.source)
    for root in map(_comparable, _roots(store, new)):
        path = path_below(source, root)
        if path is not None:
            check_path(path.strip("/"))
            return _replaced(new, new.source, run_id=new.run_id, model_id=new.model_id)
    if is_local:
        raise _refused(
            new.source,
            "To use a local path as a model version source, the run_id request parameter has to be specified and the "
            "local path has to be contained within the artifact directory of the run specified by the run_id",
        )
    raise _refused(new.source, f"Use runs:/…, models:/… or a place of artifacts; {allowed_locations()}")


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
