"""Imports that do not stand at the head of a file: each is there for a reason, and a new one needs one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

SOURCE = ROOT / "src" / "mlyard"
# Own modules that are imported inside a function, in which file, and why. A command imports what it does when it is
# called: `mlyard --help` explains all of them, so cli/ may.
DEFERRED = {
    ("__init__.py", "mlyard.core.lazy"): "importing mlyard loads nothing but its version",
    ("models/__init__.py", "mlyard.core.lazy"): "the same",
    ("artifacts/factory.py", "mlyard.artifacts.object_store"): "obstore is an optional library",
    ("artifacts/object_store.py", "mlyard.artifacts.s3"): "botocore is an optional library",
    ("flavors/pyfunc.py", "mlyard.models.pickles"): "cloudpickle is an optional library",
    ("hosting/network.py", "mlyard.hosting.connections"): "uvicorn is an optional library",
    ("models/dependencies.py", "mlyard.models.pyfunc"): "it loads pandas",
    ("models/format/metadata.py", "mlyard.models.format.example"): "it loads pandas",
    ("models/save.py", "mlyard.models.format.example"): "it loads pandas",
    ("models/signature/params.py", "mlyard.models.signature.values"): "it loads numpy",
    ("models/signature/signature.py", "mlyard.models.signature.inference"): "it loads pandas",
    ("scoring/fetching.py", "mlyard.models.load"): "it opens stores, which only the process that ends may do",
    ("scoring/on_ray.py", "mlyard.scoring.app"): "each replica imports the server, not the process that deploys it",
    ("scoring/on_ray.py", "mlyard.scoring.metrics"): "the same",
    ("scoring/on_ray.py", "mlyard.scoring.openapi"): "the same",
    ("scoring/on_ray.py", "mlyard.scoring.requests"): "the same",
    ("server/run.py", "mlyard.server.app"): "starlette is an optional library",
}
# What imports a module by a name that the layers' check cannot see. docs/ARCHITECTURE.md says of each file why.
BY_NAME = {"__import__", "entry_points", "import_module", "resolve_name", "spec_from_file_location"}
ROW = re.compile(r"^\| `([\w/.]+)` \| `(\w+)` \| .+ \|$", re.MULTILINE)


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(SOURCE.rglob("*.py")):
        yield file.relative_to(SOURCE).as_posix(), ast.parse(file.read_text())


def test_own_modules_are_imported_inside_functions_for_weight_alone() -> None:
    found = {
        (name, module)
        for name, tree in trees()
        if not name.startswith("cli/")
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for module in _own_imports(function)
    }
    assert found == set(DEFERRED)


def _own_imports(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mlyard"):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in inner if _is_module(name)]
            yield from modules or [node.module]
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("mlyard"))


def _is_module(name: str) -> bool:
    place = Path(*name.split(".")[1:])
    return (SOURCE / place).is_dir() or (SOURCE / place.with_suffix(".py")).is_file()


def test_imports_by_name_are_listed_with_their_reasons() -> None:
    called = {
        (name, callee)
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (callee := _callee(node)) in BY_NAME
    }
    assert set(ROW.findall((ROOT / "docs" / "ARCHITECTURE.md").read_text())) == called


def _callee(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
