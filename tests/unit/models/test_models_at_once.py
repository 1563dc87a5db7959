"""Models that are loaded and used at the same time each have their own script, configuration and modules."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import mlyard

COUNT = 6
QUICK = {"pip_requirements": ["cloudpickle"]}
SCRIPT = """
import mlyard
from mlyard.models import ModelConfig
from at_once_package.deep import NUMBER
from at_once_alone import NAME

WORD = ModelConfig(development_config={"word": "none"}).get("word")

class Script(mlyard.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        from at_once_package import late
        import at_once_package.deep as deep
        return [WORD, NUMBER, NAME, late.NUMBER, deep.NUMBER]

mlyard.models.set_model(Script())
"""
LOADER = """
from at_once_alone import NAME

class Loaded:
    def predict(self, data):
        from at_once_package import late
        return [NAME, late.NUMBER]

def _load_pyfunc(path):
    return Loaded()
"""


@pytest.fixture(autouse=True)
def _own_imports() -> Iterator[None]:
    """What a test imports is forgotten after it."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.startswith("at_once"):
            del sys.modules[name]


@pytest.fixture
def code(tmp_path: Path) -> Callable[[int], list[str]]:
    """A function that writes the modules of a model, by its number, and returns their paths."""

    def write(number: int) -> list[str]:
        folder = tmp_path / f"code-{number}"
        package = folder / "at_once_package"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("from . import deep\n")
        (package / "deep.py").write_text(f"NUMBER = {number}\n")
        (package / "late.py").write_text("from .deep import NUMBER\n")
        (folder / "at_once_alone.py").write_text(f"NAME = 'model {number}'\n\nclass Named:\n    name = NAME\n")
        (folder / "at_once_loader.py").write_text(LOADER)
        return [str(package), str(folder / "at_once_alone.py"), str(folder / "at_once_loader.py")]

    return write


def in_threads(work: Callable[[int], Any]) -> list[Any]:
    """The results of calls with 0, 1, … that start together, in threads of their own."""
    gate = threading.Barrier(COUNT)

    def run(number: int) -> Any:
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(COUNT) as pool:
        return list(pool.map(run, range(COUNT)))


def test_scripts(tmp_path: Path, code: Callable[[int], list[str]]) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    for number in range(COUNT):
        mlyard.pyfunc.save_model(
            tmp_path / str(number),
            python_model=tmp_path / "script.py",
            code_paths=code(number),
            model_config={"word": f"word {number}"},
            **QUICK,
        )
    for _ in range(5):
        models = in_threads(lambda number: mlyard.pyfunc.load_model(tmp_path / str(number)))
        expected = [[f"word {n}", n, f"model {n}", n, n] for n in range(COUNT)]
        assert in_threads(lambda number, models=models: models[number].predict([0])) == expected
        assert [model.predict([0]) for model in models] == expected


def test_loaders_of_the_users_own(tmp_path: Path, code: Callable[[int], list[str]]) -> None:
    for number in range(COUNT):
        mlyard.pyfunc.save_model(tmp_path / str(number), "at_once_loader", code_paths=code(number), **QUICK)
    models = in_threads(lambda number: mlyard.pyfunc.load_model(tmp_path / str(number)))
    assert [model.predict([0]) for model in models] == [[f"model {n}", n] for n in range(COUNT)]


def test_pickles_that_name_the_models_modules(tmp_path: Path, code: Callable[[int], list[str]]) -> None:
    for number in range(COUNT):
        paths = code(number)
        sys.path.insert(0, str(Path(paths[1]).parent))
        import at_once_alone  # type: ignore[import-not-found]  # written above

        class Pickled(mlyard.pyfunc.PythonModel):
            named = at_once_alone.Named()

            def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
                from at_once_package.late import NUMBER  # type: ignore[import-not-found]

                return [self.named.name, NUMBER]

        mlyard.pyfunc.save_model(tmp_path / str(number), python_model=Pickled(), code_paths=paths, **QUICK)
        sys.path.pop(0)
        for name in [name for name in sys.modules if name.startswith("at_once")]:
            del sys.modules[name]
    models = in_threads(lambda number: mlyard.pyfunc.load_model(tmp_path / str(number)))
    assert [model.predict([0]) for model in models] == [[f"model {n}", n] for n in range(COUNT)]


def test_models_of_a_library(tmp_path: Path, code: Callable[[int], list[str]]) -> None:
    """scikit-learn's pickles are read by other code than ours."""
    from sklearn.preprocessing import FunctionTransformer

    for number in range(COUNT):
        paths = code(number)
        Path(paths[1]).write_text(f"def named(rows):\n    import at_once_package\n    return [{number}] * len(rows)\n")
        sys.path.insert(0, str(Path(paths[1]).parent))
        import at_once_alone

        model = FunctionTransformer(at_once_alone.named)
        options = {"serialization_format": "pickle", "pyfunc_predict_fn": "transform", **QUICK}
        mlyard.sklearn.save_model(model, tmp_path / str(number), code_paths=paths, **options)
        sys.path.pop(0)
        for name in [name for name in sys.modules if name.startswith("at_once")]:
            del sys.modules[name]
    models = in_threads(lambda number: mlyard.pyfunc.load_model(tmp_path / str(number)))
    assert [list(model.predict([[0.0]])) for model in models] == [[n] for n in range(COUNT)]


def test_a_module_that_the_program_has_imported_counts(tmp_path: Path, code: Callable[[int], list[str]]) -> None:
    """So that objects of a loaded model are of the classes that the program knows."""
    sys.path.insert(0, str(Path(code(7)[1]).parent))
    import at_once_alone

    (tmp_path / "script.py").write_text(SCRIPT)
    mlyard.pyfunc.save_model(tmp_path / "m", python_model=tmp_path / "script.py", code_paths=code(1), **QUICK)
    assert mlyard.pyfunc.load_model(tmp_path / "m").predict([0])[2] == at_once_alone.NAME == "model 7"
