"""What is Keras' alone: layers that hold code, and models of TensorFlow's form."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import yaml

import mlyard
from mlyard.core.errors import InvalidParameter, PermissionDenied
from mlyard.models import inspect_model
from tests.flavors.exchange import answer_of, save
from tests.flavors.trained.keras import DATA


def test_rows_as_lists(tmp_path: Path) -> None:
    save("keras", "layers", tmp_path / "m")
    answer = mlyard.pyfunc.load_model(tmp_path / "m").predict(DATA[""].tolist())
    assert np.allclose(answer, answer_of("keras", "layers"), rtol=1e-4)


def test_a_lambda_is_told_and_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Lambda(lambda x: x * 2)])
    mlyard.keras.save_model(model, tmp_path / "m", pip_requirements=[])
    assert [each.file for each in inspect_model(tmp_path / "m")] == ["data/model.keras"]
    # Keras' own guard stands, unless the caller takes it away.
    with pytest.raises(ValueError, match="safe_mode"):
        mlyard.keras.load_model(tmp_path / "m")
    loaded = mlyard.keras.load_model(tmp_path / "m", load_model_kwargs={"safe_mode": False})
    assert loaded.predict(np.ones((1, 2)), verbose=0).tolist() == [[2.0, 2.0]]
    monkeypatch.setenv("MLYARD_ALLOW_PICKLE", "0")
    with pytest.raises(PermissionDenied, match="Lambda"):
        mlyard.keras.load_model(tmp_path / "m", load_model_kwargs={"safe_mode": False})


def test_a_class_of_another_module_is_told(tmp_path: Path) -> None:
    save("keras", "layers", tmp_path / "m")
    file = tmp_path / "m" / "data" / "model.keras"
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content = json.loads(parts["config.json"])
    content["config"]["layers"][1].update({"module": "subprocess", "class_name": "Popen"})
    parts["config.json"] = json.dumps(content).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert [each.why for each in inspect_model(tmp_path / "m")] == ["it creates Popen"]


def test_a_layer_of_the_users(tmp_path: Path) -> None:
    class Twice(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
        def call(self, inputs: object) -> object:
            return inputs * 2  # type: ignore[operator]

    model = keras.Sequential([keras.layers.Input((2,)), Twice()])
    mlyard.keras.save_model(model, tmp_path / "m", pip_requirements=[])
    assert len(inspect_model(tmp_path / "m")) == 1
    loaded = mlyard.keras.load_model(tmp_path / "m", custom_objects={"Twice": Twice})
    assert loaded.predict(np.ones((1, 2)), verbose=0).tolist() == [[2.0, 2.0]]


def test_an_exported_program_of_tensorflows_is_named(tmp_path: Path) -> None:
    save("keras", "layers", tmp_path / "m")
    content = yaml.safe_load((tmp_path / "m" / "MLmodel").read_text())
    content["flavors"]["keras"]["save_exported_model"] = True
    (tmp_path / "m" / "MLmodel").write_text(yaml.safe_dump(content))
    with pytest.raises(InvalidParameter, match="exported program"):
        mlyard.keras.load_model(tmp_path / "m")
    assert [each.file for each in inspect_model(tmp_path / "m")] == ["data/"]
