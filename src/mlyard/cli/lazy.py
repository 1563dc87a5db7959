"""Command groups that import the module of a command only when it runs or shows its help."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import click


class LazyGroup(click.Group):
    """A group whose commands are given as ``name: (module, help)``; each module defines ``command``."""

    def __init__(self, *args: object, lazy: Mapping[str, tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # click's own options, passed on
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the table in its order, then those of commands that were added directly."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command and return the command."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(self._lazy[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, without importing their modules."""
        with formatter.section("Commands"):
            added = [(name, command.get_short_help_str(100)) for name, command in self.commands.items()]
            formatter.write_dl([*((name, text) for name, (_, text) in self._lazy.items()), *added])
