"""Public docstrings: parameters, fields and members are documented by their names, with the result and an example."""

from __future__ import annotations

import builtins
import inspect
import pydoc
import re
from collections.abc import Callable
from enum import Enum
from typing import Any

from mlyard import exceptions
from tests.public import public_callables, public_modules

CALLABLES = public_callables()


def parameters(function: Callable[..., Any]) -> set[str]:
    """The names that callers can pass, and an enum's members; what ``**kwargs`` takes has none."""
    if isinstance(function, type) and issubclass(function, Enum):
        return set(function.__members__)
    found = inspect.signature(function).parameters.values()
    return {each.name for each in found if each.kind is not each.VAR_KEYWORD and each.name != "self"}


def documented(function: Callable[..., Any]) -> set[str]:
    """The names in the section of a docstring for its parameters or members."""
    section = re.search(r"^(?:Args|Attributes):\n((?: {4}.*\n?|\n)+)", inspect.getdoc(function) or "", re.MULTILINE)
    return set(re.findall(r"^ {4}(\w+): ", section[1], re.MULTILINE)) if section else set()


def gaps(function: Callable[..., Any]) -> list[str]:
    """What a docstring lacks, and the names in it that are not parameters."""
    text = inspect.getdoc(function) or ""
    wrong = [f"{name}?" for name in sorted(parameters(function) ^ documented(function))]
    if returns(function) and not re.search(r"^(?:Returns|Yields):$", text, re.MULTILINE):
        wrong.append("Returns?")
    return wrong if ">>> " in text else [*wrong, "Example?"]


def returns(function: Callable[..., Any]) -> bool:
    """Whether a call has a result to document."""
    return not isinstance(function, type) and inspect.signature(function).return_annotation not in (None, "None")


def test_gaps_are_found() -> None:
    def half(first: int, second: int, **others: int) -> int:
        """Add nothing.

        Args:
            first: A number: any.
                One more line.
            third: Not a parameter.
        """
        return first

    assert gaps(half) == ["second?", "third?", "Returns?", "Example?"]


def test_every_public_name_is_documented() -> None:
    found = {name: gaps(function) for name, function in CALLABLES.items()}
    assert {name: lacking for name, lacking in found.items() if lacking} == {}


def test_help_explains_every_public_name() -> None:
    for module in public_modules().values():
        for name, value in module.items():
            assert name.rpartition(".")[2] in pydoc.render_doc(value)


def test_every_error_that_is_documented_can_be_caught_by_a_public_name() -> None:
    sections = [
        re.search(r"^Raises:\n((?: {4}.*\n?|\n)+)", inspect.getdoc(function) or "", re.MULTILINE)
        for function in CALLABLES.values()
    ]
    named = {name for section in sections if section for name in re.findall(r"^ {4}(\w+): ", section[1], re.MULTILINE)}
    assert "DataLoss" in named
    assert {name for name in named if name not in exceptions.__all__ and not hasattr(builtins, name)} == set()


def test_examples_import_public_modules_only() -> None:
    """A user who copies an example must not depend on a module that may move."""
    imported = {
        (name, module)
        for name, function in CALLABLES.items()
        for module in re.findall(
            r"^\s*(?:>>>|\.\.\.) (?:from|import) (mlyard[\w.]*)", inspect.getdoc(function) or "", re.M
        )
    }
    assert {(name, module) for name, module in imported if module not in public_modules()} == set()
