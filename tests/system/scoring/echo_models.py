"""Saves models that say what reached them, and one that answers oddly. Runs in an environment with MLflow.

usage: python echo_models.py FOLDER
"""

import sys
from pathlib import Path

import cloudpickle
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator


class Echo(BaseEstimator):
    """What came in: type, dtypes, values."""

    def fit(self, x, y=None):
        return self

    def predict(self, data):
        if isinstance(data, pd.DataFrame):
            cells = [[repr(cell) for cell in row] for row in data.itertuples(index=False)]
            return {"columns": [str(name) for name in data], "dtypes": [str(t) for t in data.dtypes], "cells": cells}
        return {"dtype": str(getattr(data, "dtype", type(data))), "values": repr(np.asarray(data).tolist())}


class Odd(BaseEstimator):
    """Answers by the first cell: what the servers must write, and what models raise."""

    def fit(self, x, y=None):
        return self

    def predict(self, data):
        import datetime
        import os
        import time
        from pathlib import Path

        kind = data.iloc[0, 0]
        if kind == "wait":
            started, end = map(Path, data.iloc[0, 1:])
            started.touch()
            while started.exists() and not end.exists():  # the test's folder may go before it is looked at again
                time.sleep(0.01)
        elif kind == "die":
            os._exit(7)
        answers = {
            "nan": lambda: np.array([float("nan"), float("inf"), 1.5]),
            "frame": lambda: pd.DataFrame({"a": [1, 2], "b": ["x", None]}),
            "series": lambda: pd.Series([1, 2], index=["p", "q"]),
            "dates": lambda: pd.DataFrame({"t": pd.to_datetime(["2020-01-02T00:00:00", "2021-01-02T03:04:05"])}),
            "named": lambda: pd.Series([1.5], name="score"),
            "nested": lambda: [{"a": np.array([1, 2]), "t": pd.Timestamp("2020-01-02")}, (1, None)],
            "moment": lambda: [datetime.datetime.fromisoformat("2020-01-02T03:04:05")],
            "bytes": lambda: [b"ab"],
            "none": lambda: None,
            "text": lambda: "hello",
            "arrays": lambda: {"a": np.array([1, 2]), "b": np.array([[1.5]])},
            "numbers": lambda: [np.float32(1.5), np.int64(3), np.bool_(True)],
            "value": lambda: int("no number"),
            "type": lambda: len(5),
            "key": lambda: {}["missing"],
            "zero": lambda: 1 / 0,
            "exit": lambda: sys.exit(3),
        }
        return answers.get(kind, lambda: [kind])()


def typed():
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    kinds = {"b": "boolean", "i": "integer", "l": "long", "f": "float", "d": "double", "s": "string"}
    kinds |= {"x": "binary", "t": "datetime"}
    columns = [ColSpec(kind, name) for name, kind in kinds.items()]
    return ModelSignature(Schema([*columns, ColSpec("double", "o", required=False)]))


def main(folder: Path) -> None:
    import mlflow
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    tensor = ModelSignature(Schema([TensorSpec(np.dtype("float64"), (-1, 3))]))
    models = {"typed": (Echo(), typed()), "plain": (Echo(), None), "tensor": (Echo(), tensor), "odd": (Odd(), None)}
    for name, (model, signature) in models.items():
        mlflow.sklearn.save_model(
            model, folder / name, signature=signature, serialization_format="cloudpickle", pip_requirements=[]
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
