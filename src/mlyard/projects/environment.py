"""The environment that a project's command runs in.

This is the one place that knows how: ``launch`` turns a project and an environment manager into what stands before the
command, and the variables of its process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.projects.mlproject import Project

LOCAL = "local"


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How to start a command: the arguments before it, and environment variables to set."""

    prefix: tuple[str, ...] = ()
    variables: Mapping[str, str] = {}


def check_manager(manager: str) -> None:
    """Raise InvalidParameter for an unknown environment manager."""
    if manager != LOCAL:
        raise InvalidParameter(f"The environment manager {manager!r} is not supported yet: use local.")


def launch(project: Project, manager: str) -> Launch:  # noqa: ARG001 - environments other than the current one need the project
    """Prepare the environment of a project, and say how to start commands in it.

    It is called once per run, when the run exists. Raises InvalidParameter.
    """
    check_manager(manager)
    # Commands find this interpreter as "python".
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return Launch(variables={"PATH": path})
