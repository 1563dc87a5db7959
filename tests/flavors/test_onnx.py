"""What is ONNX's alone: inputs by name and type, outputs with a row a row, weights apart, options that are taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
import yaml
from onnx import helper, numpy_helper

import mlyard
from mlyard.core.errors import InvalidParameter
from tests.flavors.exchange import answer_of, model_of, save
from tests.flavors.trained.onnx import DATA, tensor
from tests.flavors.trained.onnx import model_of as graph_of


def wide(size: int) -> Any:
    """A model that multiplies by a matrix of ones."""
    weights = [numpy_helper.from_array(np.ones((size, size), np.float32), "weights")]
    nodes = [helper.make_node("MatMul", ["x", "weights"], ["y"])]
    return graph_of(nodes, [tensor("x", "N", size)], [tensor("y", "N", size)], weights)


@pytest.fixture
def linear(tmp_path: Path) -> Any:
    save("onnx", "linear", tmp_path / "m")
    return mlyard.pyfunc.load_model(tmp_path / "m")


def test_numbers_become_what_the_model_takes(linear: Any) -> None:
    expected = answer_of("onnx", "linear")[0]
    frame = DATA["frame"].astype("float64")
    assert np.allclose(linear.predict(frame)["y"], expected.ravel(), rtol=1e-5)
    assert np.allclose(linear.predict(frame.to_numpy().tolist())["y"], expected, rtol=1e-5)
    assert np.allclose(linear.predict({"x": frame.to_numpy()})["y"], expected, rtol=1e-5)
    assert linear.predict(np.zeros((1, 3), int))["y"].shape == (1, 1)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros((1, 2)), r"shape \(1, 2\)"),
        (np.array([["a", "b", "c"]]), "'x' cannot be converted to tensor"),
        ({"z": np.zeros((1, 3))}, r"missing inputs \['x'\]"),
    ],
)
def test_what_does_not_fit_is_named(linear: Any, data: Any, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        linear.predict(data)


def test_inputs_are_columns_by_name(tmp_path: Path) -> None:
    save("onnx", "two inputs", tmp_path / "m")
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    answer = model.predict(pd.DataFrame({"b": [1.0, 2.0], "a": [3.0, 4.0]}, index=[7, 8]))
    assert answer["difference"].to_dict() == {7: 2.0, 8: 2.0}
    with pytest.raises(InvalidParameter, match="'b'"):
        model.predict(pd.DataFrame({"a": [1.0]}))


def test_a_frame_gets_a_row_a_row(tmp_path: Path) -> None:
    mlyard.onnx.save_model(wide(3), tmp_path / "m", pip_requirements=[])
    answer = mlyard.pyfunc.load_model(tmp_path / "m").predict(pd.DataFrame(np.eye(3)[:2], columns=["a", "b", "c"]))
    assert [list(row) for row in answer["y"]] == [[1.0] * 3] * 2


def test_large_weights_lie_apart_and_the_model_is_left_as_it_was(tmp_path: Path) -> None:
    model = wide(50)
    before = model.SerializeToString()
    mlyard.onnx.save_model(model, tmp_path / "m", pip_requirements=[])
    assert model.SerializeToString() == before
    assert (tmp_path / "m" / "model.onnx.data").stat().st_size == 10_000
    loaded = mlyard.onnx.load_model(tmp_path / "m")
    assert numpy_helper.to_array(loaded.graph.initializer[0]).sum() == 2500
    answer = mlyard.pyfunc.load_model(tmp_path / "m").predict(np.ones((1, 50)))
    assert answer["y"].tolist() == [[50.0] * 50]


@pytest.mark.parametrize("place", ["../secret", "/etc/passwd"])
def test_weights_outside_the_folder_are_not_read(place: str, tmp_path: Path) -> None:
    mlyard.onnx.save_model(wide(50), tmp_path / "m", pip_requirements=[])
    (tmp_path / "secret").write_bytes(b"\0" * 10_000)
    graph = onnx.load(tmp_path / "m" / "model.onnx", load_external_data=False)
    graph.graph.initializer[0].external_data[0].value = place
    (tmp_path / "m" / "model.onnx").write_bytes(graph.SerializeToString())
    for load in (mlyard.pyfunc.load_model, mlyard.onnx.load_model):
        with pytest.raises(Exception, match=r"(?i)external|outside|path"):
            load(tmp_path / "m")


def test_a_graph_that_is_not_valid_is_refused(tmp_path: Path) -> None:
    graph = model_of("onnx", "linear").graph
    broken = graph_of(list(graph.node)[:1], list(graph.input), list(graph.output), [])
    with pytest.raises(InvalidParameter, match="not valid"):
        mlyard.onnx.save_model(broken, tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_options_of_the_session(tmp_path: Path) -> None:
    options = {
        "execution_mode": "parallel",
        "graph_optimization_level": 1,
        "intra_op_num_threads": 1,
        "extra_session_config": {"session.set_denormal_as_zero": "1"},
    }
    mlyard.onnx.save_model(
        model_of("onnx", "linear"), tmp_path / "m", onnx_session_options=options, pip_requirements=[]
    )
    session = mlyard.pyfunc.load_model(tmp_path / "m").unwrap_python_model()
    assert session.get_session_options().intra_op_num_threads == 1
    assert session.get_providers() == ["CPUExecutionProvider"]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"enable_profiling": True}, "enable_profiling"),
        ({"optimized_model_filepath": "written"}, "optimized_model_filepath"),
        ({"extra_session_config": {"ep.context_file_path": "written"}}, "ep.context_file_path"),
    ],
)
def test_options_that_write_files_are_refused(options: dict[str, Any], name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match=name):
        mlyard.onnx.save_model(model_of("onnx", "linear"), tmp_path / "n", onnx_session_options=options)
    save("onnx", "linear", tmp_path / "m")
    change(tmp_path / "m", onnx_session_options=options)
    with pytest.raises(InvalidParameter, match=name):
        mlyard.pyfunc.load_model(tmp_path / "m")
    assert not Path("written").exists()


def test_a_provider_loads_no_library_that_the_model_names(tmp_path: Path) -> None:
    save("onnx", "linear", tmp_path / "m")
    providers = [["CPUExecutionProvider", {"backend_path": "/tmp/mine.so"}]]
    change(tmp_path / "m", providers=providers)
    with pytest.raises(InvalidParameter, match="backend_path"):
        mlyard.pyfunc.load_model(tmp_path / "m")


def change(folder: Path, **entry: Any) -> None:
    content = yaml.safe_load((folder / "MLmodel").read_text())
    content["flavors"]["onnx"].update(entry)
    (folder / "MLmodel").write_text(yaml.safe_dump(content))
