"""URIs of runs, models and artifacts. This module alone parses, joins and prints them.

``runs:/…``, ``models:/…``, plain paths and the URIs of object stores are literal: ``%`` has no special meaning in them.
The paths of ``file:``, ``mlflow-artifacts:`` and ``http:`` are percent-decoded. In these and in the URIs of object
stores, ``#`` and ``?`` end the path, and MLflow's clients read them so too. Therefore no new URI gets these characters:
``new_location`` and ``join`` refuse them. URIs that are stored already keep their meaning.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from mlyard.core.errors import InvalidParameter
from mlyard.domain.entity import Entity

OBJECT_STORES = ("s3", "gs", "abfss", "wasbs")
PROXIED = "mlflow-artifacts"
SERVERS = {"http": 80, "https": 443}
"""The schemes of servers, and their usual ports."""
_RUNS, _MODELS = "runs:", "models:"
_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")
# One letter is not a scheme: such a path is relative, or one of Windows.
_URI = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]+):(//(?P<authority>[^/?#]*))?(?P<path>[^?#]*)(?P<rest>.*)", re.DOTALL
)
_DRIVE = re.compile(r"[A-Za-z]:")
_DECODED = ("file", PROXIED, *SERVERS)


class RunUri(Entity, frozen=True):
    """``runs:/<run id>/<path>``; an empty path means all artifacts of the run."""

    run_id: str
    path: str = ""

    def __str__(self) -> str:
        return "/".join((_RUNS, self.run_id, self.path)) if self.path else f"{_RUNS}/{self.run_id}"


class ModelUri(Entity, frozen=True, kw_only=True):
    """A logged model, by its ID, or a registered model, by its name and one of version, stage and alias.

    ``path`` is that of a file or folder in the model; empty for the whole model.
    """

    model_id: str = ""
    name: str = ""
    version: str = ""
    stage: str = ""
    alias: str = ""
    path: str = ""

    def __str__(self) -> str:
        chosen = f"@{self.alias}" if self.alias else f"/{self.version or self.stage}"
        model = self.model_id or f"{self.name}{chosen}"
        return "/".join((_MODELS, model, self.path)) if self.path else f"{_MODELS}/{model}"


class Location(Entity, frozen=True):
    """The parts of the URI of a folder or a file of artifacts.

    ``scheme`` is empty for a plain path. ``path`` is decoded where the scheme's paths are. ``rest`` is what follows the
    path: a query or a fragment.
    """

    scheme: str
    authority: str
    path: str
    rest: str = ""


def is_run_uri(uri: str) -> bool:
    """Whether a text is of the form ``runs:/…``."""
    return uri.startswith(f"{_RUNS}/")


def is_model_uri(uri: str) -> bool:
    """Whether a text is of the form ``models:/…``."""
    return uri.startswith(f"{_MODELS}/")


def is_model_id(text: str) -> bool:
    """Whether a text has the form of a logged model's ID: ``m-`` and 32 hexadecimal digits."""
    return _MODEL_ID.fullmatch(text) is not None


def parse_run_uri(uri: str) -> RunUri:
    """The parts of ``runs:/<run id>/<path>``. Raises InvalidParameter."""
    run_id, _, path = uri.removeprefix(_RUNS).strip("/").partition("/")
    if not is_run_uri(uri) or not run_id:
        raise InvalidParameter(f"Invalid URI {uri!r}: write runs:/<run id>/<path>.")
    return RunUri(run_id, path)


def parse_model_uri(uri: str) -> ModelUri:
    """The parts of a ``models:/…`` URI. Raises InvalidParameter."""
    first, _, rest = uri.removeprefix(_MODELS).strip("/").partition("/")
    if is_model_uri(uri) and is_model_id(first):
        return ModelUri(model_id=first, path=rest)
    chosen, _, path = rest.partition("/")
    if is_model_uri(uri) and first and chosen:
        kind = "version" if chosen.isascii() and chosen.isdigit() else "stage"
        return ModelUri(name=first, path=path, **{kind: chosen})
    name, _, alias = first.rpartition("@")
    if not is_model_uri(uri) or not name or not alias:
        raise InvalidParameter(
            f"Invalid model URI {uri!r}: write models:/<name>/<version or stage>, models:/<name>@<alias> or "
            "models:/m-<id>."
        )
    return ModelUri(name=name, alias=alias)


def parse_location(uri: str) -> Location:
    """The parts of a URI, or of a plain path."""
    found = _URI.fullmatch(uri)
    if found is None:
        return Location("", "", uri)
    scheme = found["scheme"].lower()
    path = unquote(found["path"]) if scheme in _DECODED else found["path"]
    return Location(scheme, found["authority"] or "", path, found["rest"])


def check_exact(uri: str, what: str) -> None:
    """Raise InvalidParameter for a URI with ``#`` or ``?``, whose path would end there. Plain paths may have them."""
    if parse_location(uri).rest:
        raise InvalidParameter(
            f"Invalid {what} {uri!r}: '#' and '?' are not allowed, because the path of a URI ends at them."
        )


def new_location(uri: str) -> str:
    """The artifact location of a new experiment; a relative path becomes absolute. Raises InvalidParameter."""
    check_exact(uri, "artifact location")
    found = parse_location(uri)
    if found.scheme == PROXIED and unquote(uri) != uri:
        raise InvalidParameter(
            f"Invalid artifact location {uri!r}: it is percent-encoded. Write the path as it is: {unquote(uri)!r}."
        )
    if _DRIVE.match(uri):
        raise InvalidParameter(f"Invalid artifact location {uri!r}: paths of Windows are not supported.")
    if uri and found.scheme in {"", "file"} and not found.authority and not found.path.startswith("/"):
        return str(Path(found.path).resolve())
    return uri


def join(root: str, *steps: str) -> str:
    """The URI of what is below a root. Raises InvalidParameter if the URI would mean something else."""
    check_exact(root, "artifact URI")
    path = "/".join(steps)
    if not can_join(root, path):
        raise InvalidParameter(
            f"{path!r} cannot be part of the URI of artifacts, because '#', '?' and percent-encoding have another "
            "meaning there: choose another name."
        )
    return f"{root.rstrip('/')}/{path}"


def can_join(root: str, path: str) -> bool:
    """Whether ``join`` accepts a path. A plain root accepts every path."""
    is_plain = "#" not in path and "?" not in path and unquote(path) == path
    return is_plain or not parse_location(root).scheme


def path_below(uri: str, root: str) -> str | None:
    """The path that ``join`` added to a root: '' for the root itself, None for a URI that is elsewhere."""
    below = f"{root.rstrip('/')}/"
    return "" if uri == root else uri[len(below) :] if uri.startswith(below) else None


def parent_and_name(uri: str) -> tuple[str, str]:
    """The URI of a file's folder, and the file's name. For a URI without a folder, both are ''."""
    parent, _, name = uri.rstrip("/").rpartition("/")
    return parent, unquote(name) if parse_location(uri).scheme in _DECODED else name
