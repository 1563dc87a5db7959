"""The ``mlyard`` command. The module of a subcommand is imported only when it runs or shows its help."""

from __future__ import annotations

import sys

import click

from mlyard.cli.lazy import LazyGroup
from mlyard.core import log
from mlyard.core.errors import MlyardError
from mlyard.core.version import __version__


@click.group(
    cls=LazyGroup,
    lazy={
        "server": ("mlyard.cli.server", "Start the tracking server with its web UI."),
        "ui": ("mlyard.cli.server", "Alias of `server`."),
        "db": ("mlyard.cli.db", "Show and upgrade the schema of a database."),
        "artifacts": ("mlyard.cli.artifacts", "Upload, list, download and verify artifacts."),
        "run": ("mlyard.cli.run", "Run a project from a folder, a git repository or a zip file."),
        "run-task": ("mlyard.cli.run_task", "Continue a run on another machine; backends of `run` start it."),
        "models": ("mlyard.cli.models", "Inspect models, serve them, and score files with them."),
        "python": ("mlyard.cli.python", "Run a Python script in which `import mlflow` imports mlyard."),
        "alias": ("mlyard.cli.alias", "Let `import mlflow` mean mlyard in the current environment."),
        "envs": ("mlyard.cli.envs", "List and remove the environments of models and projects."),
        "gc": ("mlyard.cli.gc", "Permanently remove deleted runs, experiments and models."),
        "demo": ("mlyard.cli.demo", "Train, register and serve a model, from start to finish."),
    },
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="mlyard", message="%(prog)s, version %(version)s")
def cli() -> None:
    """The machine-learning lifecycle: track runs, package projects, register and serve models."""


def main() -> None:
    """Run the command line. A failure prints one line to standard error and exits with status 1."""
    log.configure()
    try:
        cli.main(standalone_mode=False)
    except MlyardError as error:
        _fail(error.message, 1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _fail("Stopped.", 130)


def _fail(message: str, status: int) -> None:
    click.echo(f"mlyard: {message}", err=True)
    sys.exit(status)
