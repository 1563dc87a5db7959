"""Finds the files of a model that run code when it is loaded, and refuses to load them if code is forbidden."""

from __future__ import annotations

from collections.abc import Sequence

from mlyard.core import settings
from mlyard.core.errors import PermissionDenied
from mlyard.core.lazy import MissingExtra
from mlyard.models.format import bundled_code
from mlyard.models.format.flavor import PYTHON_FUNCTION, Executable, Flavor, find_flavor, flavor_of_loader
from mlyard.models.format.folder import ModelFolder


def executables(folder: ModelFolder, flavor: str | None = None) -> list[Executable]:
    """The files that run code when the model is loaded with ``flavor``, or with any of its flavors if None."""
    names = [flavor] if flavor else sorted(folder.mlmodel.flavors)
    found = [each for name in names for each in (*_of_code(folder, name), *_of_flavor(folder, name))]
    return list(dict.fromkeys(found))


def check(folder: ModelFolder, flavor: str) -> None:
    """Raises PermissionDenied if loading would run code and the settings forbid it."""
    if code_allowed():
        return
    found = executables(folder, flavor)
    if found:
        what = "; ".join(f"{each.file} ({each.why})" for each in found)
        raise PermissionDenied(
            f"Loading the model at {str(folder.path)!r} would run code: {what}. MLYARD_ALLOW_PICKLE=0 (or "
            "ALLOW_PICKLE_DESERIALIZATION) forbids that here. If you trust the model, unset the variable; otherwise "
            "save the model in a format that contains no code."
        )


def code_allowed() -> bool:
    """Whether the settings allow loading models that run code."""
    return settings.ALLOW_PICKLE.get() and settings.ALLOW_PICKLE_DESERIALIZATION.get()


def _of_code(folder: ModelFolder, flavor: str) -> Sequence[Executable]:
    if not folder.entry(flavor).get("code"):
        return ()
    path = bundled_code.folder_of(folder, flavor)
    assert path is not None
    name = path.relative_to(folder.path).as_posix()
    return (Executable(f"{name}/", "Python modules, importable before those of installed packages"),)


def _of_flavor(folder: ModelFolder, name: str) -> Sequence[Executable]:
    loader = str(folder.entry(name).get("loader_module", ""))
    flavor = flavor_of_loader(loader) if name == PYTHON_FUNCTION else find_flavor(name)
    if flavor is None:
        what = f"its module {loader!r} is imported and called" if loader else f"its flavor {name!r} is unknown"
        return (Executable("MLmodel", what),)
    return _declared(flavor, folder)


def _declared(flavor: Flavor, folder: ModelFolder) -> Sequence[Executable]:
    """A flavor that does not declare what it runs is assumed to run code."""
    if not hasattr(flavor, "executables"):
        return (Executable("MLmodel", f"the flavor {flavor.FLAVOR!r} does not declare what it runs"),)
    try:
        return flavor.executables(folder)
    except MissingExtra as error:
        return (Executable("MLmodel", f"it is unknown whether it runs code: {error.message}"),)
