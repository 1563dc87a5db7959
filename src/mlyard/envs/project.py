"""The environment of a project: made from the file that the project names, or the current one.

``prepare_project`` is the way in for what runs projects.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.envs import alias, locked
from mlyard.envs.cache import cached
from mlyard.envs.changes import Change, as_text, check_strict, notable, summary
from mlyard.envs.environment import LOCAL, UV, Environment, check_manager
from mlyard.envs.project_plan import (
    CONDA_ENV,
    PYTHON_ENV,
    REQUIREMENTS,
    UV_ENV,
    Options,
    Wanted,
    plan_of,
    read_record,
)

__all__ = [
    "CONDA_ENV", "PYTHON_ENV", "REQUIREMENTS", "UV_ENV", "PreparedProject", "Wanted", "prepare_project", "wanted_of",
]  # fmt: skip


class PreparedProject(msgspec.Struct, frozen=True, kw_only=True):
    """An environment that is ready for a project's command.

    ``variables``: all environment variables of the command's process. Its ``PATH`` finds the environment's programs
    first. ``rows``: what became of each package that the project asks for; empty for the current environment.
    ``requirements``: all packages of the environment with their exact versions. ``place``: the environment's folder;
    None: the current environment.
    """

    python: Path
    variables: dict[str, str]
    rows: tuple[Change, ...] = ()
    requirements: tuple[str, ...] = ()
    place: Path | None = None

    @property
    def table(self) -> str:
        """What was asked for and is different, as text for a terminal; '' if nothing is."""
        rows = notable(self.rows)
        return f"{as_text(rows)}\n{summary(self.rows)}" if rows else ""


def wanted_of(folder: Path) -> Wanted | None:
    """What describes the environment of a project that names none: a ``uv.lock``, if there is one."""
    has_lock = (folder / locked.LOCK_FILE).is_file() and (folder / locked.PROJECT_FILE).is_file()
    return Wanted(kind=UV_ENV, file=folder / locked.PROJECT_FILE) if has_lock else None


def prepare_project(
    folder: Path,
    wanted: Wanted | None = None,
    manager: str | None = None,
    *,
    strict: bool = False,
    keep_mlflow: bool = False,
    tracking_uri: str | None = None,
    purpose: str = "",
) -> PreparedProject:
    """The environment of a project, made if necessary.

    Args:
        folder: The project's folder.
        wanted: What describes the environment. Default: a ``uv.lock`` in the folder, or else nothing.
        manager: ``"uv"``, ``"virtualenv"``, ``"conda"`` or ``"local"``. Default: uv if something describes the
            environment, otherwise local, which is the current environment.
        strict: Whether to refuse an environment that differs from its description. The message has the table.
        keep_mlflow: Whether the MLflow that the project requires is installed, rather than mlyard in its place.
        tracking_uri: Where the project logs. With ``keep_mlflow`` it must be a server.
        purpose: What ``mlyard envs list`` shows as the use of the environment. Default: the folder.

    Returns:
        The interpreter, the variables for the command's process, and the table of what became of the packages.

    Raises:
        InvalidParameter: The description, the manager or a combination of arguments is refused, or the environment
            cannot be made. Nothing is left behind.
    """
    check_manager(manager or LOCAL)
    _check_kept(keep_mlflow, tracking_uri)
    wanted = wanted or wanted_of(folder)
    manager = manager or (UV if wanted else LOCAL)
    if wanted is None or manager == LOCAL:
        return _current(keep_mlflow)
    if not wanted.file.resolve().is_relative_to(folder.resolve()):
        raise InvalidParameter(f"The file {str(wanted.file)!r} is outside the project's folder {str(folder)!r}.")
    plan = plan_of(wanted, manager, Options(strict=strict, keep_mlflow=keep_mlflow))
    place = cached(plan.key, plan.make, purpose or str(folder))
    record = read_record(place)
    if strict:
        check_strict(record.rows)
    found = Environment(place)
    variables = alias.without(found.variables())
    return PreparedProject(
        python=found.python, variables=variables, rows=record.rows, requirements=record.requirements, place=place
    )


def _check_kept(keep_mlflow: bool, tracking_uri: str | None) -> None:
    if keep_mlflow and tracking_uri is not None and not tracking_uri.startswith(("http://", "https://")):
        raise InvalidParameter(
            "--keep-mlflow needs a tracking server: MLflow's tables are not mlyard's, so it cannot use mlyard's "
            "database. Start `mlyard server` on the database and set MLYARD_TRACKING_URI to its http:// address, or "
            "leave out --keep-mlflow."
        )


def _current(keep_mlflow: bool) -> PreparedProject:
    found = dict(os.environ)
    variables = alias.without(found) if keep_mlflow else alias.variables(found)
    path = os.pathsep.join([str(Path(sys.executable).parent), found.get("PATH", os.defpath)])
    return PreparedProject(python=Path(sys.executable), variables={**variables, "PATH": path})
