"""Signatures and input examples of files: what MLflow wrote is read here, and what mlyard wrote is read there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import yaml

from mlyard.models import ModelSignature, infer_signature
from mlyard.models.format.example import save_example
from mlyard.models.format.metadata import MLmodel, read_mlmodel
from mlyard.types import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec
from mlyard.types.schema import AnyType, Array, Map, Object, Property
from tests.conftest import ROOT, clean_environment

WRITE = """
import sys, yaml, numpy as np, pandas as pd, scipy.sparse as sp, mlflow.pyfunc
from mlflow.models import infer_signature
class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [1]
frame = pd.DataFrame({"i": np.array([1], "int32"), "l": [2], "f": np.array([1.5], "float32"), "d": [2.5], "s": ["x"],
                      "b": [True], "y": [b"x"], "t": pd.to_datetime(["2020-01-01T02:03:04"]).astype("datetime64[ns]")})
array = np.array([[1.5, 2.5]], dtype="float32")
examples = {"frame": frame, "numbered": pd.DataFrame([[1.5, 2]]), "array": array,
            "arrays": {"x": array, "y": np.array([[1]])},
            "csr": sp.csr_matrix(np.eye(2)), "csc": sp.csc_matrix(np.eye(2))}
if mlflow.__version__ >= "2.22":
    examples |= {"list": [1, 2], "text": "x", "params": (frame, {"p": 1}), "records": [{"a": [1], "b": {"c": "x"}}]}
for name, example in examples.items():
    data = example[0] if isinstance(example, tuple) else example
    params = {"params": example[1]} if isinstance(example, tuple) else {}
    mlflow.pyfunc.save_model(sys.argv[1] + "/" + name, python_model=Model(), input_example=example,
                             signature=infer_signature(data, np.array([1.5]), **params), pip_requirements=[])
"""
FRAME = pd.DataFrame(
    {
        "i": np.array([1], "int32"),
        "l": [2],
        "f": np.array([1.5], "float32"),
        "d": [2.5],
        "s": ["x"],
        "b": [True],
        "y": [b"x"],
        "t": pd.to_datetime(["2020-01-01T02:03:04"]).astype("datetime64[ns]"),
    }
)
ARRAY = np.array([[1.5, 2.5]], dtype="float32")
EXAMPLES: dict[str, Any] = {
    "frame": FRAME,
    "numbered": pd.DataFrame([[1.5, 2]]),
    "array": ARRAY,
    "arrays": {"x": ARRAY, "y": np.array([[1]])},
    "csr": sp.csr_matrix(np.eye(2)),
    "csc": sp.csc_matrix(np.eye(2)),
    "list": [1, 2],
    "text": "x",
    "params": (FRAME, {"p": 1}),
    "records": [{"a": [1], "b": {"c": "x"}}],
}


def assert_same(ours: Any, expected: Any) -> None:
    assert type(ours) is type(expected)
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(ours, expected, check_column_type=False)
    elif isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(ours, expected, strict=True)
    elif isinstance(expected, dict):
        assert ours.keys() == expected.keys()
        for name, value in expected.items():
            assert_same(ours[name], value)
    elif sp.issparse(expected):
        np.testing.assert_array_equal(ours.toarray(), expected.toarray(), strict=True)
    else:
        assert ours == expected


def in_mlflow(python: str, code: str, *arguments: str) -> str:
    """What a program prints in an environment with MLflow."""
    environment = clean_environment(MLFLOW_DISABLE_TELEMETRY="true", PYTHONWARNINGS="ignore")
    done = subprocess.run(
        [python, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("version", ["1.30.1", "2.22.5", "3.17.2"])
def test_what_mlflow_wrote_is_read(version: str, tmp_path: Path) -> None:
    python = ROOT / ".cache" / f"mlflow-{version}" / "bin" / "python"
    in_mlflow(str(python), WRITE, str(tmp_path))
    written = sorted(file.parent.name for file in tmp_path.glob("*/MLmodel"))
    assert written == sorted(EXAMPLES) if version != "1.30.1" else len(written) == 6
    for name in written:
        mlmodel = read_mlmodel(tmp_path / name)
        data, params = EXAMPLES[name] if name == "params" else (EXAMPLES[name], None)
        assert mlmodel.get_signature() == infer_signature(data, np.array([1.5]), params)
        assert_same(mlmodel.load_input_example(tmp_path / name), data)
        assert mlmodel.load_input_example_params(tmp_path / name) == params


SIGNATURE = """
import json, sys
from mlflow.models import Model
print(json.dumps(Model.load(sys.argv[1]).signature.to_dict()))
"""
READ = """
import json, sys
from mlflow.models import Model
told = {}
for name in sys.argv[2:]:
    folder = sys.argv[1] + "/" + name
    model = Model.load(folder)
    example = model.load_input_example(folder)
    told[name] = [model.signature.to_dict() if model.signature else None, type(example).__name__,
                  model.load_input_example_params(folder), model.get_serving_input(folder)]
print(json.dumps(told))
"""


def test_what_mlyard_wrote_is_read_by_mlflow(mlflow_python: str, tmp_path: Path) -> None:
    ours = {}
    for name, example in EXAMPLES.items():
        folder = tmp_path / name
        folder.mkdir()
        data, params = example if isinstance(example, tuple) else (example, None)
        signature = infer_signature(data, np.array([1.5]), params)
        info = save_example(example, folder)
        flavors = {"python_function": {"loader_module": "none"}}
        MLmodel(flavors=flavors, signature_text=signature.to_dict(), saved_input_example_info=info).save(folder)
        body = (folder / "serving_input_example.json").read_text()
        ours[name] = [signature.to_dict(), type(data).__name__, params, body]
        assert_same(read_mlmodel(folder).load_input_example(folder), data)
    told = json.loads(in_mlflow(mlflow_python, READ, str(tmp_path), *EXAMPLES).splitlines()[-1])
    assert told == ours


def test_every_type_is_read_by_mlflow(mlflow_python: str, tmp_path: Path) -> None:
    nested = Array(Object([Property("x", "long"), Property("y", Map(Array("double")), required=False)]))
    signature = ModelSignature(
        Schema([ColSpec("datetime", "when"), ColSpec(nested, "n", required=False), ColSpec(AnyType(), "any")]),
        Schema([TensorSpec(np.dtype("float32"), (-1, 3), "x"), TensorSpec(np.dtype("str"), (-1,), "y")]),
        ParamSchema(
            [ParamSpec("p", "double", [1.5], (-1,)), ParamSpec("q", Object([Property("k", "long")]), {"k": 1})]
        ),
    )
    content = {"flavors": {"none": {}}, "signature": signature.to_dict()}
    (tmp_path / "MLmodel").write_text(yaml.safe_dump(content))
    assert json.loads(in_mlflow(mlflow_python, SIGNATURE, str(tmp_path)).splitlines()[-1]) == signature.to_dict()
