"""Imports on first use: mlyard stays light, and a missing library is reported with the extra that installs it."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from mlyard.core.errors import MlyardError


class MissingExtra(MlyardError, ImportError):
    """Raised when an optional library is not installed. It is an ``ImportError`` too.

    Args:
        message: The library, and the command that installs it.

    Example:
        >>> import mlyard
        >>> from mlyard.exceptions import MissingExtra
        >>> try:
        ...     mlyard.pyfunc.spark_udf(None, "models:/Line/1")
        ... except MissingExtra as error:
        ...     print(error)
        'pyspark' is not installed. Install it with: pip install 'mlyard[spark]'
    """

    error_code = "BAD_REQUEST"
    status = 400


def need(module: str, extra: str) -> ModuleType:
    """Import ``module``. If it is not installed, raises MissingExtra with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and module.split(".", maxsplit=1)[0] == error.name.split(".")[0]:
            raise MissingExtra(f"{module!r} is not installed. Install it with: pip install 'mlyard[{extra}]'") from None
        raise


def look_up(package: str, homes: Iterable[str], name: str) -> Any:
    """A module of a package, or what one of the ``homes``, modules below it, makes public.

    Raises AttributeError if the name does not exist, so that ``hasattr`` returns False. If it exists, but its module
    needs a library that is not installed, raises that module's ImportError.
    """
    if name.isidentifier() and not name.startswith("_"):
        if importlib.util.find_spec(f"{package}.{name}"):
            return importlib.import_module(f"{package}.{name}")
        for home in (f"{package}.{each}" for each in homes):
            try:
                module = importlib.import_module(home)
            except ModuleNotFoundError:
                if name in _names_in_source(home):
                    raise
                continue
            if name in module.__all__:
                return getattr(module, name)
    raise AttributeError(f"module {package!r} has no attribute {name!r}")


def _names_in_source(module: str) -> list[str]:
    """The ``__all__`` of a module that cannot be imported, read from its file."""
    import ast

    spec = importlib.util.find_spec(module)
    source = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return list(ast.literal_eval(node.value))
    return []


def names_of(package: str, homes: Iterable[str]) -> list[str]:
    """All that the ``homes`` make public, less what needs a library that is not installed."""
    names: list[str] = []
    for home in homes:
        with suppress(ModuleNotFoundError):
            names += importlib.import_module(f"{package}.{home}").__all__
    return names


def files_of(path: Iterable[str]) -> list[str]:
    """The modules of a package that are files."""
    found = pkgutil.iter_modules(path)
    return [module.name for module in found if not module.ispkg and not module.name.startswith("_")]
