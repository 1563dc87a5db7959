"""What is sentence transformers' alone: params of encode, and modules of a model's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mlyard
from mlyard.core.errors import PermissionDenied
from mlyard.models import infer_signature, inspect_model
from tests.flavors.exchange import answer_of, save
from tests.flavors.trained.sentence_transformers import DATA


def test_params_are_arguments_of_encode(tmp_path: Path) -> None:
    signature = infer_signature(DATA[""], params={"normalize_embeddings": False})
    save("sentence_transformers", "embedding", tmp_path / "m", signature=signature)
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    assert np.allclose(model.predict(DATA[""]), answer_of("sentence_transformers", "embedding"), atol=1e-5)
    normal = model.predict(DATA[""], params={"normalize_embeddings": True})
    assert np.allclose(np.linalg.norm(normal, axis=1), 1, atol=1e-5)


def test_the_way_to_encode_is_kept_with_the_model(tmp_path: Path) -> None:
    save("sentence_transformers", "embedding", tmp_path / "m", inference_config={"normalize_embeddings": True})
    normal = mlyard.pyfunc.load_model(tmp_path / "m").predict(DATA[""])
    assert np.allclose(np.linalg.norm(normal, axis=1), 1, atol=1e-5)


def test_modules_of_the_models_own_are_told_and_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save("sentence_transformers", "embedding", tmp_path / "m")
    file = tmp_path / "m" / "model.sentence_transformer" / "modules.json"
    modules = json.loads(file.read_text())
    modules[1]["type"] = "mine.Pooling"
    file.write_text(json.dumps(modules))
    assert [each.file for each in inspect_model(tmp_path / "m")] == ["model.sentence_transformer/modules.json"]
    monkeypatch.setenv("MLYARD_ALLOW_PICKLE", "0")
    with pytest.raises(PermissionDenied, match=r"mine\.Pooling"):
        mlyard.sentence_transformers.load_model(tmp_path / "m")
