"""Fetches models in a short-lived child process.

The libraries that read stores start threads and use memory. The scoring server must not have threads when it forks,
and needs the memory for itself.
"""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

from mlyard.core import forks
from mlyard.core.errors import MlyardError
from mlyard.wire.errors import decode_error, encode_error


def fetch_elsewhere(model_uri: str, temporary: Path) -> Path:
    """The model's folder; in ``temporary`` if it had to be copied. Raises DoesNotExist, InvalidParameter."""
    if threading.active_count() > 1 or not hasattr(os, "fork"):
        return _fetch(model_uri, temporary)
    reader, writer = os.pipe()

    def report() -> int:
        os.close(reader)
        return _report(model_uri, temporary, writer)

    pid = forks.start(report)
    os.close(writer)
    with open(reader, "rb") as pipe:  # noqa: PTH123 - a descriptor
        answer = pipe.read()
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == 0 and answer:
        return Path(os.fsdecode(answer))
    if code > 1 and answer:
        raise decode_error(500, answer)
    raise MlyardError(f"The process that fetched {model_uri!r} ended with status {code}: its output above may say why.")


def _report(model_uri: str, temporary: Path, writer: int) -> int:
    """Write the folder or the error to the pipe; returns the exit status."""
    with open(writer, "wb") as pipe:
        try:
            pipe.write(os.fsencode(_fetch(model_uri, temporary)))
        except MlyardError as error:
            pipe.write(encode_error(error))
            return 2
        except KeyboardInterrupt:
            return 1
        return 0


def _fetch(model_uri: str, temporary: Path) -> Path:
    from mlyard.models.load import fetch

    before, tempfile.tempdir = tempfile.tempdir, str(temporary)
    try:
        return fetch(model_uri).absolute()
    finally:
        tempfile.tempdir = before
