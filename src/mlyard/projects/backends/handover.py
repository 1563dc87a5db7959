"""What a job on another machine needs to know, and how it gets there.

A job runs ``mlyard run-task``, which continues the run: it fetches the project, prepares its environment, and records
the output and the end. It reads what to do from one environment variable, as JSON. So no address and no parameter is
ever part of a command line or of a script.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from mlyard.client.backends import fixed_uri
from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.projects.backends.config import Waiting
from mlyard.projects.backends.port import Task
from mlyard.projects.backends.variables import store_variables
from mlyard.projects.environment import EnvChoice

COMMAND = ("-m", "mlyard", "run-task")
"""What follows the interpreter in a job's command."""

BY_ENVIRONMENT = "environment"
"""The tracking URI of a config that leaves it to the job's own environment."""

_VARIABLE = f"MLYARD_{settings.PROJECT_TASK.name}"
_LONGEST = 120_000  # Linux allows 128 KiB for one variable
_FILES = ("", "file", "sqlite")


class RemoteTask(msgspec.Struct, frozen=True, kw_only=True):
    """A run for ``mlyard run-task``: where its project is, and how to run it."""

    run_id: str
    uri: str
    version: str | None
    entry_point: str
    values: dict[str, str]
    environment: EnvChoice
    storage: str | None = None


def handed_over(task: Task, uri: str, version: str | None, environment: EnvChoice | None = None) -> dict[str, str]:
    """The variable that tells a job about its run; ``uri`` is where the job finds the project."""
    storage = task.job.storage
    remote = RemoteTask(
        run_id=task.run_id,
        uri=uri,
        version=version,
        entry_point=task.job.point.name,
        values=dict(task.values),
        environment=environment or task.job.environment,
        storage=str(storage.resolve()) if storage else None,
    )
    text = msgspec.json.encode(remote).decode().replace("$", "\\u0024")  # Kubernetes replaces $(NAME) in variables
    if len(text.encode()) > _LONGEST:
        raise InvalidParameter(f"The parameters of the run have more than {_LONGEST} bytes together: pass a file.")
    return {_VARIABLE: text}


def tracking_variables(task: Task, config: Waiting) -> dict[str, str]:
    """The variables that say where the job logs; none if its own environment says it."""
    if config.tracking_uri == BY_ENVIRONMENT:
        return {}
    return store_variables(config.tracking_uri or task.client.tracking_uri)


def check_tracking(tracking_uri: str, config: Waiting, backend: str, *, is_same_machine: bool = False) -> None:
    """Raise InvalidParameter if a job could not reach the tracking store, or if others could read its password."""
    if config.tracking_uri == BY_ENVIRONMENT:
        return
    uri = config.tracking_uri or fixed_uri(tracking_uri)
    if _has_password(uri):
        raise InvalidParameter(
            f"The tracking URI contains a password, which others could read in a job of the backend {backend!r}: use a "
            "tracking server; or set MLYARD_TRACKING_URI in the environment of the jobs, and 'tracking-uri': "
            f"{BY_ENVIRONMENT!r} in the backend config."
        )
    if config.tracking_uri is None and not is_same_machine and is_of_this_machine(uri):
        raise InvalidParameter(
            f"The tracking URI {uri!r} can only be reached from this machine, but a job of the backend {backend!r} "
            "runs on another one: use a tracking server, or name the address that the jobs can reach as 'tracking-uri' "
            "in the backend config."
        )


def is_of_this_machine(uri: str) -> bool:
    """Whether a URI names a file, a local socket, or a server on this machine."""
    parts = urlsplit(uri)
    host = parts.hostname or ""
    return parts.scheme.partition("+")[0] in _FILES or host in {"", "localhost", "::1"} or host.startswith("127.")


def _has_password(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.password is not None or "password=" in parts.query
