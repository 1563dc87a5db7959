"""``mlyard run-task``."""

from __future__ import annotations

import click


@click.command("run-task")
def command() -> None:
    """Continue a project's run that a backend has handed over to this machine.

    Backends such as slurm start this command; MLYARD_PROJECT_TASK says what to run.
    """
    from mlyard.projects.handed_over import run_task

    run_task()
