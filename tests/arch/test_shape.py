"""The shape of the code: sizes, what importing loads, what the README promises."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

FILES = sorted((ROOT / "src" / "mlyard").rglob("*.py"))
MAX_FILE, MAX_FUNCTION = 500, 50  # lines; docstrings of functions do not count
# Reviewed exceptions, each with its reason.
LONG_FUNCTIONS = {
    "_registry": "the first schema: a list of columns, frozen",
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_files_and_functions_stay_small(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = _lines(node) - (_lines(node.body[0]) if ast.get_docstring(node) else 0)
            assert length <= MAX_FUNCTION or node.name in LONG_FUNCTIONS, f"{node.name} has {length} lines"


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_text_files_name_their_encoding(file: Path) -> None:
    """Otherwise the locale decides, and what mlyard writes on one machine cannot be read on another."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and _leaves_it_to_the_locale(node)
    ] == []


def test_files_without_an_encoding_are_found() -> None:
    left = 'open(f); open(f, "a"); f.open(); f.open("w"); os.fdopen(d, mode="r"); f.read_text(); f.write_text(t)'
    named = (
        'open(f, "rb"); f.open("w", encoding="utf-8"); f.read_text("utf-8"); f.write_text(t, "utf-8"); store.open(path)'
    )
    for code, expected in ((left, True), (named, False)):
        calls = [statement.value for statement in ast.parse(code).body if isinstance(statement, ast.Expr)]
        assert {_leaves_it_to_the_locale(call) for call in calls if isinstance(call, ast.Call)} == {expected}


def _leaves_it_to_the_locale(call: ast.Call) -> bool:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if "encoding" in keywords or name not in {"open", "fdopen", "read_text", "write_text"}:
        return False
    if name in {"read_text", "write_text"}:
        return len(call.args) <= (name == "write_text")
    # The mode is the first argument of a path's method, and the second of the functions.
    is_method = name == "open" and isinstance(call.func, ast.Attribute)
    modes = [*call.args[0 if is_method else 1 :][:1], *(keywords[key] for key in keywords if key == "mode")]
    if not modes:
        return not (is_method and call.args)
    mode = modes[0].value if isinstance(modes[0], ast.Constant) else None
    return isinstance(mode, str) and set(mode) <= set("rwaxt+")


def modules_after(code: str) -> set[str]:
    program = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_mlyard_loads_next_to_nothing() -> None:
    ours = {name for name in modules_after("import mlyard") if name.startswith("mlyard")}
    assert ours == {"mlyard", "mlyard.core", "mlyard.core.version"}


def test_logging_to_a_server_loads_no_data_frames_and_no_database() -> None:
    loaded = modules_after("import mlyard; mlyard.start_run; mlyard.MlflowClient; import mlyard.stores.rest.store")
    assert not {"pandas", "numpy", "sqlalchemy", "starlette", "sklearn"} & loaded


def test_the_server_loads_no_data_frames() -> None:
    loaded = modules_after("import mlyard.server.app, mlyard.server.run, mlyard.stores.sql.store")
    assert not {"pandas", "numpy", "sklearn", "cloudpickle", "click", "alembic"} & loaded


def test_the_command_line_starts_without_what_it_does_not_need() -> None:
    loaded = modules_after("import mlyard.cli.main")
    assert not {"pandas", "numpy", "sqlalchemy", "starlette", "msgspec", "yaml", "urllib3"} & loaded


def test_every_public_name_can_be_used() -> None:
    modules_after("import mlyard\nfor name in mlyard.__all__: getattr(mlyard, name)")


def test_the_names_of_models_can_be_listed_without_pandas() -> None:
    bare = "import sys; sys.modules.update(numpy=None, pandas=None); import mlyard.models"
    modules_after(f"{bare}; assert 'set_signature' in dir(mlyard.models)")


@pytest.mark.parametrize("missing", ["numpy=None, pandas=None", "pandas=None"])
def test_a_name_that_needs_pandas_says_so_and_one_that_does_not_exist_is_absent(missing: str) -> None:
    bare = f"import sys; sys.modules.update({missing}); import mlyard.models"
    modules_after(f"{bare}; assert not hasattr(mlyard.models, 'infer_signatur')")
    modules_after(f"{bare}; mlyard.models.infer_signature, mlyard.models.set_signature")
    needs_pandas = "from mlyard.models import validate_serving_input"
    done = subprocess.run(
        [sys.executable, "-c", f"{bare}; {needs_pandas}"], capture_output=True, text=True, check=False
    )
    assert "ModuleNotFoundError: import of" in done.stderr


def test_ci_runs_what_the_readme_says() -> None:
    (command,) = re.findall(r"^exec (.*)$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


def test_unit_tests_lie_where_their_package_does() -> None:
    packages = {folder.relative_to(ROOT / "src" / "mlyard") for folder in {file.parent for file in FILES}}
    units = {file.relative_to(ROOT / "tests" / "unit").parent for file in (ROOT / "tests" / "unit").rglob("test_*.py")}
    assert units <= packages - {Path()}


def test_test_files_have_different_names() -> None:
    """pytest imports them by their file names alone."""
    names = [file.name for file in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
