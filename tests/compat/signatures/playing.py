"""Plays the cases with one library or the other, and says in plain JSON what came of it.

Run by a Python that has MLflow, it writes what MLflow did: ``python playing.py OUTPUT``.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np
import pandas as pd
import pydantic
import scipy.sparse as sp


class Person(pydantic.BaseModel):
    """Plain fields, one that may be None, one of lists."""

    name: str
    age: int
    nick: str | None = None
    scores: list[float] = []
    more: Any = None


class Team(pydantic.BaseModel):
    """Fields of other models."""

    lead: Person
    members: list[Person]
    since: dt.datetime
    key: int | str
    by_role: dict[str, Person]


LIBRARIES = {
    "np": np,
    "pd": pd,
    "sp": sp,
    "dt": dt,
    "decimal": decimal,
    "Any": Any,
    "Union": Union,
    "Optional": Optional,
}
LIBRARIES |= {"Person": Person, "Team": Team}
Answer = Any


def described(value: Any) -> Answer:
    """A value as JSON: types and dtypes are part of it, the order of a dict is not."""
    if isinstance(value, np.generic):
        value = value.item()
    for sort, describe in DESCRIPTIONS.items():
        if isinstance(value, sort):
            return describe(value)
    if sp.issparse(value):
        return {"sparse": [value.format, str(value.dtype), value.toarray().tolist()]}
    return None if value is None else [type(value).__name__, repr(value)]


def _frame(frame: pd.DataFrame) -> Answer:
    columns = [[described(name), _series(frame.iloc[:, place])] for place, name in enumerate(frame.columns)]
    return {"frame": columns, "index": described(frame.index.tolist())}


def _series(series: pd.Series) -> Answer:
    return {"series": [str(series.dtype), described(series.tolist())]}


DESCRIPTIONS: dict[Any, Callable[[Any], Answer]] = {
    pd.DataFrame: _frame,
    pd.Series: _series,
    np.ndarray: lambda array: {"array": [str(array.dtype), described(array.tolist())]},
    dict: lambda items: {"dict": sorted(([described(k), described(v)] for k, v in items.items()), key=repr)},
    (list, tuple): lambda items: {type(items).__name__: [described(item) for item in items]},
}


def attempted(action: Callable[[], Any], *errors: type[Exception]) -> Answer:
    """What it gave, or that it was refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return described(action())
    except errors:
        return "refused"


def dumped(answers: dict[str, dict[str, Answer]]) -> str:
    """One case a line."""
    parts = []
    for name, part in answers.items():
        lines = [f"{json.dumps(case)}: {json.dumps(answer, sort_keys=True)}" for case, answer in part.items()]
        parts.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{" + ",\n".join(parts) + "}\n"


class Library:
    """One of the two libraries, by what the cases need of it."""

    names: dict[str, Any]
    errors: tuple[type[Exception], ...]
    infer: Callable[..., Any]
    predict: Callable[[Any, Any, Any], Any]
    save_example: Callable[[Any, Path], dict[str, Any]]
    signature_of: Callable[[Any], dict[str, Any] | None]
    call: Callable[[Any, Any], Any]

    def value(self, expression: str) -> Any:
        """Evaluate an expression of a case."""
        return eval(expression, {**LIBRARIES, **self.names})

    def enforce(self, schema: str, data: str) -> Answer:
        """Input as the model gets it."""
        return attempted(lambda: self.predict(self.value(schema), self.value(data), None)[0], *self.errors)

    def params(self, schema: str, params: str) -> Answer:
        """Params as the model gets them."""
        return attempted(lambda: self.predict(self.value(schema), None, self.value(params))[1], *self.errors)

    def infers(self, data: str) -> Answer:
        """The JSON of the inferred schema."""
        return attempted(lambda: self.infer(self.value(data)).to_dict()["inputs"], *self.errors)

    def infers_params(self, params: str) -> Answer:
        """The JSON of the inferred params."""
        return attempted(lambda: self.infer(None, None, self.value(params)).to_dict()["params"], *self.errors)

    def predict_function(self, hint: str, output: str | None) -> Any:
        """``predict`` of a model, with these hints."""
        returns = f" -> {output}" if output else ""
        code = f"def predict(self, model_input: {hint}, params=None){returns}: return model_input"
        space: dict[str, Any] = dict(LIBRARIES)
        exec(code, space)
        return space["predict"]

    def hints(self, hint: str, output: str | None) -> Answer:
        """The signature that hints make."""
        return attempted(lambda: self.signature_of(self.predict_function(hint, output)), *self.errors)

    def held(self, hint: str, data: str) -> Answer:
        """Input as a function with hints gets it."""
        return attempted(lambda: self.call(self.predict_function(hint, None), self.value(data)), *self.errors)

    def example(self, example: str) -> Answer:
        """What MLmodel says of an example, and the files beside it."""

        def save() -> Any:
            with tempfile.TemporaryDirectory() as folder:
                info = self.save_example(self.value(example), Path(folder))
                return info, {file.name: file.read_text() for file in sorted(Path(folder).iterdir())}

        return attempted(save, *self.errors)


def play(library: Library, cases: Any) -> dict[str, dict[str, Answer]]:
    """All cases."""
    return {
        "enforce": {name: library.enforce(*case) for name, case in cases.ENFORCE.items()},
        "params": {name: library.params(*case) for name, case in cases.PARAMS.items()},
        "infer": {name: library.infers(data) for name, data in cases.INFER.items()},
        "infer_params": {name: library.infers_params(data) for name, data in cases.INFER_PARAMS.items()},
        "hints": {name: library.hints(*case) for name, case in cases.HINTS.items()},
        "held": {name: library.held(*case) for name, case in cases.HELD.items()},
        "examples": {name: library.example(data) for name, data in cases.EXAMPLES.items()},
    }


class Mlflow(Library):
    """The real MLflow."""

    errors = (Exception,)

    def __init__(self) -> None:
        import logging

        import mlflow.models
        import mlflow.pyfunc
        import mlflow.types.schema

        logging.disable(logging.CRITICAL)
        self.names = {**vars(mlflow.types.schema), **vars(mlflow.types)}
        self.infer = mlflow.models.infer_signature

    def predict(self, schema: Any, data: Any, params: Any) -> Any:
        """A model that gives back what it gets."""
        import mlflow.models
        import mlflow.pyfunc

        class Echo:
            def predict(self, model_input: Any, params: Any = None) -> Any:
                return model_input, params

        of_params = isinstance(schema, mlflow.types.ParamSchema) or schema is None
        signature = mlflow.models.ModelSignature(
            **({"params": schema} if of_params and schema else {}),
            **({"inputs": mlflow.types.Schema([mlflow.types.ColSpec("string")])} if schema is None else {}),
            **({} if of_params else {"inputs": schema}),
        )
        meta = mlflow.models.Model(flavors={"python_function": {"loader_module": "none"}}, signature=signature)
        return mlflow.pyfunc.PyFuncModel(meta, Echo()).predict("x" if of_params else data, params)

    def _saved(self, predict: Any, folder: str) -> str:
        import mlflow.pyfunc

        model = type("Hinted", (mlflow.pyfunc.PythonModel,), {"predict": predict})()
        mlflow.pyfunc.save_model(Path(folder, "m"), python_model=model, pip_requirements=[])
        return str(Path(folder, "m"))

    def signature_of(self, predict: Any) -> dict[str, Any] | None:
        """What MLmodel says."""
        import mlflow.models

        with tempfile.TemporaryDirectory() as folder:
            signature = mlflow.models.Model.load(self._saved(predict, folder)).signature
            return signature.to_dict() if signature else None

    def call(self, predict: Any, data: Any) -> Any:
        """Through a saved and loaded model."""
        import mlflow.pyfunc

        with tempfile.TemporaryDirectory() as folder:
            return mlflow.pyfunc.load_model(self._saved(predict, folder)).predict(data)

    def save_example(self, example: Any, folder: Path) -> dict[str, Any]:
        """Through a model whose only content is the example."""
        import mlflow.models
        import mlflow.pyfunc

        class Echo(mlflow.pyfunc.PythonModel):
            def predict(self, context, model_input, params=None):
                return None

        with tempfile.TemporaryDirectory() as model:
            mlflow.pyfunc.save_model(Path(model, "m"), python_model=Echo(), input_example=example, pip_requirements=[])
            for file in Path(model, "m").glob("*input_example.json"):
                (folder / file.name).write_text(file.read_text())
            return mlflow.models.Model.load(str(Path(model, "m"))).saved_input_example_info


if __name__ == "__main__":
    import cases  # type: ignore[import-not-found]

    Path(sys.argv[1]).write_text(dumped(play(Mlflow(), cases)))
