"""Finds the distributions that a model needs, from its files or by loading it in a clean process.

A flavor may read from the files alone which modules they name (``modules_of``), which takes milliseconds. If it
cannot, or if a module belongs to no distribution (the user's own code, whose imports are unknown), the model is
loaded in a clean process, and the modules imported there are looked up.
"""

from __future__ import annotations

import builtins
import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from typing import Any

from mlyard.core import settings
from mlyard.core.errors import MlyardError
from mlyard.core.log import logger
from mlyard.core.requirement_lines import distribution_name
from mlyard.models.format.bundled_code import make_importable
from mlyard.models.format.flavor import PYTHON_FUNCTION, flavor_of_loader
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.requirements import pinned

_log = logger("models")
_OURS = {"mlyard", "pip", "setuptools"}
_CHILD = (
    "import sys; sys.path[:] = {path!r}; from mlyard.models.dependencies import _tell; _tell({folder!r}, {answer!r})"
)
Distributions = Mapping[str, list[str]]
"""Maps top-level modules to the distributions that contain them."""


def infer_requirements(folder: Path, always: Iterable[str]) -> tuple[str, ...]:
    """Pinned requirements of a saved model: the names in ``always`` and everything else that it imports.

    If the model cannot be loaded, a warning is logged and only ``always`` is returned.
    """
    found: Iterable[str] = ()
    try:
        found = _read(ModelFolder(folder)) or _ask(folder)
    except (OSError, ValueError, subprocess.SubprocessError, MlyardError) as error:
        _log.warning(
            "The model's requirements could not be found by loading it (%s); only those that its flavor always "
            "needs are recorded. To set them yourself, pass pip_requirements=[…].",
            error,
        )
    named = {distribution_name(name): name for name in (*found, *always)}
    return pinned(named[name] for name in sorted(named))


def _read(folder: ModelFolder) -> list[str] | None:
    flavor = flavor_of_loader(str(folder.entry(PYTHON_FUNCTION).get("loader_module", "")))
    modules_of = getattr(flavor, "modules_of", None)
    modules = modules_of(folder) if modules_of else None
    if modules is None:
        return None
    known = packages_distributions()
    names = _foreign(modules)
    return distributions_of(names, known) if names <= known.keys() else None


def _ask(folder: Path) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        answer = Path(temporary, "distributions.json")
        program = _CHILD.format(path=sys.path, folder=str(folder.resolve()), answer=str(answer))
        timeout = settings.REQUIREMENTS_INFERENCE_TIMEOUT.get()
        done = subprocess.run(  # noqa: S603 - this interpreter, our own program
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
        if done.returncode:
            raise ValueError(done.stderr.strip().rpartition("\n")[2] or f"status {done.returncode}")
        found: list[str] = json.loads(answer.read_text(encoding="utf-8"))
        return found


def _tell(folder: str, answer: str) -> None:
    """Runs in the clean process: loads the model and writes the distributions it imported to a file."""
    known = packages_distributions()
    modules = imports_of(lambda: _load(ModelFolder(Path(folder))), known)
    Path(answer).write_text(json.dumps(distributions_of(modules, known)), encoding="utf-8")


def _load(folder: ModelFolder) -> None:
    from mlyard.models.pyfunc import load_own  # it loads pandas

    make_importable(folder, PYTHON_FUNCTION)
    flavor = flavor_of_loader(str(folder.entry(PYTHON_FUNCTION).get("loader_module", "")))
    predictor = flavor.load_predictor(folder) if flavor else load_own(folder)
    example = folder.mlmodel.load_input_example(folder.path)
    if example is not None:
        # A function may import modules only when it is called.
        try:
            predictor.predict(example, folder.mlmodel.load_input_example_params(folder.path))
        except Exception as error:  # noqa: BLE001 - user code raises anything; saving has already warned
            _log.debug("The model fails on its input example: %r", error)


def imports_of(work: Callable[[], Any], known: Distributions) -> set[str]:
    """The modules that a model's own code, its pickles and its flavor import while ``work`` runs.

    Import statements inside libraries are covered by the libraries' own requirements and left out. Imports by name
    at run time are kept, because loaders use them for names that stand in a model's files.
    """
    asked: set[str] = set()

    def note(name: str, importer: str, function: str) -> None:
        first = importer.partition(".")[0]
        of_library = first in known or first in sys.stdlib_module_names or first == "mlyard"
        if (
            not of_library
            or function == "find_class"
            or importer.startswith(("mlyard.flavors", "mlyard.models.pickles"))
        ):
            asked.add(name)

    with _imports_noted(note, asked.add):
        work()
    return asked


@contextmanager
def _imports_noted(statement: Callable[[str, str, str], None], by_name: Callable[[str], None]) -> Iterator[None]:
    import_, import_module = builtins.__import__, importlib.import_module

    def noted_import(name: str, *rest: Any, **named: Any) -> Any:
        frame = sys._getframe(1)
        statement(name, str(frame.f_globals.get("__name__", "")), frame.f_code.co_name)
        return import_(name, *rest, **named)

    def noted_import_module(name: str, package: str | None = None) -> Any:
        by_name(name)
        return import_module(name, package)

    builtins.__import__ = noted_import
    importlib.import_module = noted_import_module
    try:
        yield
    finally:
        builtins.__import__, importlib.import_module = import_, import_module


def distributions_of(modules: Iterable[str], known: Distributions) -> list[str]:
    """The distributions that contain these modules, without those that another one already requires."""
    found = {distribution for name in _foreign(modules) for distribution in known.get(name, ())}
    brought = set().union(*map(_dependencies, found)) if found else set()
    return sorted(name for name in found if distribution_name(name) not in brought | _OURS)


def _foreign(modules: Iterable[str]) -> set[str]:
    """Top-level names of modules, without the standard library and private names."""
    names = {module.partition(".")[0] for module in modules}
    return {name for name in names if name not in sys.stdlib_module_names and not name.startswith("_")} - {""}


def _dependencies(distribution: str) -> set[str]:
    """Everything that a distribution requires, directly or indirectly."""
    found: set[str] = set()
    waiting = [distribution]
    while waiting:
        try:
            required = requires(waiting.pop()) or []
        except PackageNotFoundError:
            continue
        names = {distribution_name(line) for line in required if "extra ==" not in line}
        waiting += names - found
        found |= names
    return found - {distribution_name(distribution)}
