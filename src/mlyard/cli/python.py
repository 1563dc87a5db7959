"""``mlyard python``."""

from __future__ import annotations

import os
import sys

import click


@click.command(
    "python",
    context_settings={
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,
        "help_option_names": ["--help"],
    },
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run Python with ARGUMENTS; `import mlflow` imports mlyard.

    The options and the exit status are those of Python itself, as in `mlyard python train.py 0.5` or
    `mlyard python -m package`. It is the Python that mlyard is installed in. Processes that the script starts import
    mlyard too. MLflow does not need to be installed; if it is, it is not used.
    """
    from mlyard.envs.alias import variables

    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, *arguments], variables(os.environ))  # noqa: S606 - without a shell
