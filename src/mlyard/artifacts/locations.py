"""What artifact locations and model sources named over the wire may be.

Refused, never cleaned: a URI that could mean two things means nothing here.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from mlyard.core import settings
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.domain import limits
from mlyard.domain.logged_models import LoggedModel, LoggedModelQuery
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.runs import RunInfo
from mlyard.ports.store import Store

OBJECT_STORES = ("s3", "gs", "abfss", "wasbs")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_MODEL_ID = re.compile(r"m-[0-9a-zA-Z]{1,64}")


def check_artifact_location(uri: str) -> None:
    """Where an experiment's artifacts may lie: our proxy, an object store, or an absolute folder."""
    if len(uri) > limits.MAX_ARTIFACT_LOCATION:
        raise InvalidParameter(
            f"'artifact_location' exceeds the maximum length of {limits.MAX_ARTIFACT_LOCATION} characters."
        )
    _check_plain(uri, "artifact location")
    if not _has_a_place(uri) or not is_allowed(uri):
        roots = ", ".join(settings.ALLOWED_ARTIFACT_ROOTS.get()) or "s3://… or an absolute folder"
        raise InvalidParameter(f"Invalid artifact location {uri!r}: this server takes mlflow-artifacts:/…, {roots}.")


def is_allowed(uri: str) -> bool:
    """Whether the operator lets artifacts lie there: through the server, or below one of the allowed roots.

    Where no roots are configured, folders and S3 are allowed: the server reaches neither with more than
    its own keys, and reads no folder outside its destination.
    """
    scheme, authority, _ = _split(uri)
    if scheme == "mlflow-artifacts":
        return not authority
    roots = settings.ALLOWED_ARTIFACT_ROOTS.get()
    if not roots:
        return scheme in {"", "file", "s3"}
    return any(uri == root.rstrip("/") or uri.startswith(f"{root.rstrip('/')}/") for root in roots)


def _has_a_place(uri: str) -> bool:
    scheme, authority, path = _split(uri)
    if scheme in OBJECT_STORES:
        return bool(authority)
    plain = path.startswith("/") and not path.startswith("//")
    return scheme in {"mlflow-artifacts", "", "file"} and not authority and plain


def resolve_source(store: Store, new: NewModelVersion, *, trusted: bool = False) -> NewModelVersion:
    """The version with the address of its files, and with the run of its logged model.

    A source from the wire must lie where the server keeps or may name things; one of the store's
    own process (``trusted``) may be any address. Raises InvalidParameter when the source may not be
    registered, DoesNotExist when it names a run, model or version that is not there.
    """
    _check_plain(new.source, "model version source")
    scheme, _, _ = _split(new.source)
    if scheme == "models":
        return _from_models(store, new)
    if scheme == "runs":
        return _from_run(store, new)
    if trusted or (scheme in OBJECT_STORES and _has_a_place(new.source) and is_allowed(new.source)):
        return new
    return _within_run(store, new)


def separate_model(store: Store, info: RunInfo, path: str) -> LoggedModel | None:
    """The model that the path names, if its files lie apart from the run's.

    MLflow 3 keeps a run's model in a folder of the model's own, known by the model's name.
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
        raise _refused(new.source, f"its run is not the run_id given, {new.run_id}")
    info = store.runs.get(run_id).info
    model = separate_model(store, info, path)
    if model is not None and path == model.name:
        return _replaced(new, model.artifact_uri, run_id=run_id, model_id=model.model_id)
    return _replaced(new, f"{info.artifact_uri}/{path}", run_id=run_id, model_id=new.model_id)


def _within_run(store: Store, new: NewModelVersion) -> NewModelVersion:
    problem = (
        "To use a local path as a model version source, the run_id request parameter has to be specified and the "
        "local path has to be contained within the artifact directory of the run specified by the run_id"
    )
    for root in _roots(store, new):
        if new.source == root or new.source.startswith(f"{root.rstrip('/')}/"):
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


def _check_plain(uri: str, what: str) -> None:
    """No control characters, backslashes, queries or fragments, and no step that climbs, however encoded."""
    decoded = uri
    for _ in range(4):
        if any(ord(c) < 32 or c in "\\?#\x7f" for c in decoded):
            raise InvalidParameter(f"Invalid {what} {uri!r}: it holds a character that no plain address has.")
        after_scheme = _SCHEME.sub("", decoded, count=1)
        if any(step in {".", ".."} for step in re.split(r"[/;]", after_scheme)):
            raise InvalidParameter(f"Invalid {what} {uri!r}: '.' and '..' are not allowed as steps of its path.")
        again = unquote(decoded)
        if again == decoded:
            return
        decoded = again
    raise InvalidParameter(f"Invalid {what} {uri!r}: it is encoded too many times.")


def _split(uri: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise InvalidParameter(f"{uri!r} is not a valid address.") from None
    return parts.scheme.lower(), parts.netloc, parts.path
