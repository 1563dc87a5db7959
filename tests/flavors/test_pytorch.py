"""What is PyTorch's alone: exported or pickled, any number of rows, what goes in and comes out, parameters alone."""

from __future__ import annotations

import logging
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import mlyard
from mlyard.core.errors import InvalidParameter
from tests.flavors.exchange import answer_of, model_of, save
from tests.flavors.trained.pytorch import DATA, X, layers


def file_of(folder: Path) -> str:
    return next(file.name for file in (folder / "data").iterdir() if file.name.startswith("model."))


def test_an_example_of_one_row_makes_a_program_for_any_number(tmp_path: Path) -> None:
    save("pytorch", "exported", tmp_path / "m", input_example=DATA[""][:1])
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    rows = X.to_numpy()
    assert np.allclose(model.predict(rows), layers()(torch.tensor(rows)).detach(), rtol=1e-4)
    assert model.predict(rows[:1]).shape == (1, 1)


def test_without_an_example_it_is_a_pickle(tmp_path: Path) -> None:
    network = layers()
    mlyard.pytorch.save_model(network, tmp_path / "m", pip_requirements=[])
    assert file_of(tmp_path / "m") == "model.pth"
    loaded = mlyard.pytorch.load_model(tmp_path / "m", map_location="cpu")
    assert type(loaded) is torch.nn.Sequential
    assert loaded.training


class Odd(torch.nn.Module):
    """torch.export cannot follow a branch on values."""

    def forward(self, inputs: Any) -> Any:
        return inputs if inputs.sum().item() > 0 else inputs.tolist()


def test_what_cannot_be_exported_is_a_pickle_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    example = np.ones((2, 3), np.float32)
    with caplog.at_level(logging.INFO, "mlyard"):
        mlyard.pytorch.save_model(Odd(), tmp_path / "m", input_example=example, pip_requirements=[])
    assert "saved as a pickle" in caplog.text
    assert file_of(tmp_path / "m") == "model.pth"
    for options in ({"export_model": True}, {"serialization_format": "pt2"}):
        with pytest.raises(InvalidParameter, match="cannot be saved as pt2"):
            mlyard.pytorch.save_model(Odd(), tmp_path / "n", input_example=example, **options)
        with pytest.raises(InvalidParameter, match="needs an input_example"):
            mlyard.pytorch.save_model(Odd(), tmp_path / "n", **options)
    assert not (tmp_path / "n").exists()


def test_saving_leaves_the_module_in_training(tmp_path: Path) -> None:
    network = layers().train()
    mlyard.pytorch.save_model(network, tmp_path / "m", input_example=DATA[""], signature=False, pip_requirements=[])
    assert file_of(tmp_path / "m") == "model.pt2"
    assert network.training


def test_fractions_become_what_the_module_takes(tmp_path: Path) -> None:
    save("pytorch", "pickle", tmp_path / "m")
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    expected = answer_of("pytorch", "pickle")
    for data in (DATA[""].astype("float64"), DATA[""].tolist(), torch.tensor(DATA[""])):
        assert np.allclose(model.predict(data), expected, rtol=1e-4)
    frame = pd.DataFrame(DATA[""].astype("float64"), index=list("abcde"))
    answer = model.predict(frame)
    assert list(answer.index) == list("abcde")
    assert np.allclose(answer, expected, rtol=1e-4)


@pytest.mark.parametrize(("data", "message"), [({"a": [1.0]}, "not a dict"), ([["x"]], "takes numbers")])
def test_what_does_not_fit_is_named(data: Any, message: str, tmp_path: Path) -> None:
    save("pytorch", "pickle", tmp_path / "m")
    with pytest.raises(InvalidParameter, match=message):
        mlyard.pyfunc.load_model(tmp_path / "m").predict(data)


class Several(torch.nn.Module):
    """Takes two tensors, gives a dict."""

    def forward(self, left: Any, right: Any) -> Any:
        return {"sum": left + right, "both": (left, right)}


def test_several_tensors_in_and_out(tmp_path: Path) -> None:
    mlyard.pytorch.save_model(Several(), tmp_path / "m", pip_requirements=[])
    one = np.ones((2, 1), np.float32)
    answer = mlyard.pyfunc.load_model(tmp_path / "m").predict((one, one * 2))
    assert answer["sum"].tolist() == [[3.0], [3.0]]
    assert [each.tolist() for each in answer["both"]] == [[[1.0], [1.0]], [[2.0], [2.0]]]


def test_a_pickle_module_of_the_users(tmp_path: Path) -> None:
    mlyard.pytorch.save_model(layers(), tmp_path / "m", pickle_module=pickle, pip_requirements=[])
    assert (tmp_path / "m" / "data" / "pickle_module_info.txt").read_text() == "pickle"
    assert np.allclose(
        mlyard.pyfunc.load_model(tmp_path / "m").predict(DATA[""]), answer_of("pytorch", "pickle"), rtol=1e-4
    )


def test_parameters_alone(tmp_path: Path) -> None:
    state = model_of("pytorch", "pickle").state_dict()
    with mlyard.start_run() as run:
        mlyard.pytorch.log_state_dict(state, "parameters")
    loaded = mlyard.pytorch.load_state_dict(f"runs:/{run.info.run_id}/parameters")
    assert list(loaded) == list(state)
    assert all(torch.equal(loaded[name], state[name]) for name in state)
    torch.save({"bomb": Path()}, tmp_path / "state_dict.pth")
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        mlyard.pytorch.load_state_dict(tmp_path)
    with pytest.raises(InvalidParameter, match="A state_dict must be a dict"):
        mlyard.pytorch.save_state_dict(layers(), tmp_path)
