"""The pages of the reference: from the public names and their docstrings, and from the commands and their help."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from itertools import chain
from pathlib import Path
from typing import Any

import click

from mlyard.cli.main import cli

Callables = dict[str, Callable[..., Any]]

_CLIENT = "mlyard.MlyardClient"  # has a page of its own


def write_reference(modules: dict[str, Callables], target: Path) -> list[str]:
    """Write the pages below ``target`` and return their names, in order, as the navigation needs them."""
    folder = target / "reference"
    folder.mkdir(parents=True, exist_ok=True)
    known = {f"mlyard.{flavor.name}" for flavor in entry_points(group="mlyard.flavors")}
    flavors = [name for name in modules if name in known]
    for name, found in modules.items():
        others = {full: value for full, value in found.items() if full != _CLIENT}
        _write(folder / f"{name}.rst", name, _module_page(name, others))
    _write(folder / "client.rst", "MlyardClient", _client_page(_CLIENT, modules["mlyard"][_CLIENT]))
    _write(folder / "flavors.rst", "Flavors", _flavors_page(flavors))
    help_line = "``--help`` after any command prints what this page says of it."
    _write(folder / "cli.rst", "Command line", chain([help_line, ""], _commands(cli, "mlyard")))
    names = [name for name in modules if name not in {*flavors, "mlyard"}]
    return [f"reference/{name}" for name in ("mlyard", "client", *names, "flavors", "cli")]


def _write(page: Path, title: str, lines: Iterator[str]) -> None:
    page.write_text("\n".join([title, "=" * len(title), "", *lines, ""]), encoding="utf-8")


def _module_page(name: str, found: Callables) -> Iterator[str]:
    summary = (inspect.getdoc(importlib.import_module(name)) or "").partition("\n\n")[0]
    yield from [summary, "", *_table(found)]
    for full, value in found.items():
        yield from _class(full) if isinstance(value, type) else [f".. autofunction:: {full}", ""]


def _client_page(name: str, client: Callable[..., Any]) -> Iterator[str]:
    methods = dict(inspect.getmembers(client, inspect.isfunction))
    yield from _table({f"{name}.{each}": value for each, value in methods.items() if not each.startswith("_")})
    yield from _class(name)


def _class(name: str) -> Iterator[str]:
    bases = "Struct, BaseException, Exception, Enum, str, dict, list, object"
    yield from [f".. autoclass:: {name}", "   :members:", f"   :inherited-members: {bases}", ""]


def _table(found: Callables, prefix: str = "") -> Iterator[str]:
    """The names of a page with the first sentence of each docstring."""
    yield from [".. list-table::", "   :class: summary", "   :widths: auto", ""]
    for name, value in found.items():
        sentence = re.split(r"(?<=\.)\s", inspect.getdoc(value) or "", maxsplit=1)[0]
        yield from [f"   * - :py:obj:`~{prefix}{name}`", f"     - {' '.join(sentence.split())}"]
    yield ""


def _flavors_page(names: list[str]) -> Iterator[str]:
    yield "Each library's models have a module with functions that save, log and load them."
    yield from ["", ".. toctree::", "   :maxdepth: 2", "", *(f"   {name}" for name in names), ""]


def _commands(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[str]:
    """A command's own help, and that of its subcommands."""
    context = click.Context(command, parent, name, **command.context_settings)
    if parent is not None:
        yield from [name, ("~" if parent.parent else "-") * len(name), ""]
    yield from [".. code-block:: text", "", f"   {' '.join([name, *command.collect_usage_pieces(context)])}", ""]
    yield from [*_text(command.help or ""), "", f".. program:: {name}", ""]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and "--help" not in parameter.opts:  # each command has it
            yield from [f".. option:: {record[0]}", "", *(f"   {line}" for line in _text(record[1])), ""]
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from _commands(found, f"{name} {each}", context)


def _text(text: str) -> list[str]:
    """Plain text as reStructuredText: nothing in it is markup but code between backticks."""
    escaped = re.sub(r"([*_|\\])", r"\\\1", inspect.cleandoc(text))
    return re.sub(r"`([^`]+)`", lambda code: f"``{code[1]}``", escaped).splitlines()
