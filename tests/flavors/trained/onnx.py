from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

X, Y = load_diabetes(return_X_y=True, as_frame=True)
X = X[["age", "bmi", "bp"]].astype("float32")
DATA = {
    "": X.head(5).to_numpy(),
    "frame": X.head(5),
    "two inputs": pd.DataFrame({"b": [1.0, 2.0], "a": [3.0, 4.0]}, dtype="float32"),
}
NEEDS = {"numpy", "pandas", "onnx", "onnxruntime"}
RUNS: dict[str, set[str]] = {}
OPTIONS = {
    "frame": {"onnx_session_options": {"intra_op_num_threads": 1}},
    "two inputs": {"onnx_execution_providers": ["CPUExecutionProvider"], "save_as_external_data": False},
}


def tensor(name: str, *shape: Any) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def model_of(nodes: list[Any], inputs: list[Any], outputs: list[Any], weights: list[Any]) -> Any:
    graph = helper.make_graph(nodes, "graph", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def linear() -> Any:
    """A linear regression of scikit-learn's as a graph."""
    fitted = LinearRegression().fit(X, Y)
    weights = [
        numpy_helper.from_array(fitted.coef_.reshape(-1, 1).astype(np.float32), "weights"),
        numpy_helper.from_array(np.array([fitted.intercept_], np.float32), "intercept"),
    ]
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["product"]),
        helper.make_node("Add", ["product", "intercept"], ["y"]),
    ]
    return model_of(nodes, [tensor("x", "N", 3)], [tensor("y", "N", 1)], weights)


def two_inputs() -> Any:
    nodes = [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Sub", ["a", "b"], ["difference"])]
    return model_of(nodes, [tensor("a", "N"), tensor("b", "N")], [tensor("sum", "N"), tensor("difference", "N")], [])


MODELS = {"linear": linear, "frame": linear, "two inputs": two_inputs}


def ask(model: Any, data: Any) -> Any:
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    feed = {names[0]: np.asarray(data)} if len(names) == 1 else {name: data[name].to_numpy() for name in names}
    return session.run(None, feed)
