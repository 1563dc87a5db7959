"""Parameters of the types path and uri: relative paths become absolute, and URIs of paths are downloaded."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.projects.entry_points import EntryPoint

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")
Download = Callable[[str, Path], str]


def localized(
    point: EntryPoint, values: Mapping[str, str], project: Path, storage: Path, download: Download
) -> dict[str, str]:
    """The values as the command gets them: those of the types path and uri as absolute paths or as URIs.

    A relative path is looked up in the current folder, and then in the project's. The URI of a path is downloaded to a
    new folder in ``storage``. Raises InvalidParameter if there is nothing at a path.
    """
    found = dict(values)
    for parameter in point.parameters:
        text = values[parameter.name]
        if parameter.type == "path" and _URI.match(text) and not text.startswith("file:"):
            found[parameter.name] = _downloaded(parameter.name, text, storage, download)
        elif parameter.type == "path":
            found[parameter.name] = str(_existing(parameter.name, text.removeprefix("file://"), project))
        elif parameter.type == "uri" and not _URI.match(text):
            found[parameter.name] = str(_existing(parameter.name, text, project))
    return found


def _existing(name: str, text: str, project: Path) -> Path:
    for folder in (Path.cwd(), project):
        place = (folder / text).resolve()
        if place.exists():
            return place
    raise InvalidParameter(f"The parameter {name!r} is the path {text!r}, but no such file or folder was found.")


def _downloaded(name: str, uri: str, storage: Path, download: Download) -> str:
    storage.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=storage.resolve()))
    try:
        return download(uri, folder)
    except MlyardError as error:
        raise InvalidParameter(f"The parameter {name!r} cannot be downloaded: {error.message}") from None
