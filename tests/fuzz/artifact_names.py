"""A coverage-guided fuzzer of what decides on artifact paths and places: ``python -m tests.fuzz.artifact_names``.

Its options are libFuzzer's; a finding ends it with the input that did it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import atheris

with atheris.instrument_imports(include=["mlyard.artifacts", "mlyard.services"]):
    from mlyard.artifacts.locations import checked_location
    from mlyard.artifacts.paths import check_file_path
    from mlyard.services.artifact_access import ArtifactAccess
    from mlyard.services.model_sources import resolve_source

from mlyard.core.errors import MlyardError
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.runs import NewRun
from mlyard.stores.memory.store import open_memory_store

ROOT = Path("/srv/artifacts")
access = ArtifactAccess(str(ROOT))
store = open_memory_store("mlflow-artifacts:/")
run = store.runs.create(NewRun(experiment_id="0")).info


def decodings(text: str) -> list[str]:
    """The text, and what it may become on its way to a file system or another server."""
    found = [text]
    for _ in range(8):
        found.append(unquote(found[-1]))
    return found


def check_below(root: Path, path: str) -> None:
    """However often it is decoded, the path leads below the root, and not to the root itself."""
    for decoded in decodings(path):
        place = os.path.normpath(root / decoded)
        assert place.startswith(f"{root}/"), (path, decoded, place)
        assert "\\" not in decoded, (path, decoded)


def try_path(text: str) -> None:
    """A path that is accepted stays below its root."""
    check_below(ROOT, check_file_path(text))


def try_location(text: str) -> None:
    """A location that is accepted has a scheme that is allowed, and what the server reads of it lies in its root."""
    location = checked_location(text)
    assert urlsplit(location).scheme.lower() in {"", "file", "mlflow-artifacts", "s3"}, text
    if urlsplit(location).scheme != "s3":  # without a network
        located = access.locate(location)
        assert located.store is access.proxied, text
        if located.path:
            check_below(ROOT, located.path)


def try_source(text: str) -> None:
    """A source that is accepted lies in the run's artifacts, or in an object store."""
    new = resolve_source(store, NewModelVersion(name="m", source=text, run_id=run.run_id))
    location = new.storage_location or new.source
    if urlsplit(location).scheme != "s3":
        assert location == run.artifact_uri or location.startswith(f"{run.artifact_uri}/"), text
        rest = location[len(run.artifact_uri) + 1 :]
        if rest:
            check_below(ROOT, rest)


TARGETS = (try_path, try_location, try_source)


def one(data: bytes) -> None:
    """The first byte chooses what is tried with the text that follows."""
    text = data[1:].decode("utf-8", "surrogateescape")
    if data and data[0] % 2:
        text = text.replace("RUN", run.run_id)
    try:
        TARGETS[data[0] % len(TARGETS) if data else 0](text)
    except MlyardError:
        return  # refused, with an error of ours; any other exception is a finding


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
