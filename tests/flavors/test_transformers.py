"""What is the transformers library's alone: parts, params, and whose classes an MLmodel file may name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
import yaml

import mlyard
from mlyard.core.errors import InvalidParameter
from mlyard.models import infer_signature
from tests.flavors.exchange import answer_of, model_of, save
from tests.flavors.trained.transformers import DATA, bert, tokenizer


def test_parts_in_and_out(tmp_path: Path) -> None:
    parts = {"model": bert(transformers.BertForSequenceClassification), "tokenizer": tokenizer()}
    mlyard.transformers.save_model(parts, tmp_path / "m", task="text-classification", pip_requirements=[])
    loaded = mlyard.transformers.load_model(tmp_path / "m", return_type="components")
    assert set(loaded) == {"task", "model", "tokenizer"}
    assert mlyard.pyfunc.load_model(tmp_path / "m").predict("good film").columns.tolist() == ["label", "score"]
    with pytest.raises(InvalidParameter, match="'pipeline' nor 'components'"):
        mlyard.transformers.load_model(tmp_path / "m", return_type="parts")
    with pytest.raises(InvalidParameter, match="with task="):
        mlyard.transformers.save_model(parts, tmp_path / "n")


def test_params_go_before_what_was_saved(tmp_path: Path) -> None:
    signature = infer_signature(DATA[""], params={"max_new_tokens": 3})
    save("transformers", "generated", tmp_path / "m", signature=signature)
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    saved, given = model.predict(DATA[""]), model.predict(DATA[""], params={"max_new_tokens": 9})
    assert all(longer.startswith(text) for text, longer in zip(saved, given, strict=True))
    assert saved != given


def change(folder: Path, **entry: Any) -> None:
    content = yaml.safe_load((folder / "MLmodel").read_text())
    content["flavors"]["transformers"].update(entry)
    (folder / "MLmodel").write_text(yaml.safe_dump(content))


@pytest.mark.parametrize("entry", [{"pipeline_model_type": "pipeline"}, {"components": ["../../tokenizer"]}])
def test_an_mlmodel_file_names_nothing_else(entry: dict[str, Any], tmp_path: Path) -> None:
    save("transformers", "classes", tmp_path / "m")
    change(tmp_path / "m", **entry)
    with pytest.raises(InvalidParameter, match=r"does not have|unknown component"):
        mlyard.transformers.load_model(tmp_path / "m")


def test_code_beside_the_weights_is_not_run(tmp_path: Path) -> None:
    mlyard.transformers.save_model(model_of("transformers", "classes"), tmp_path / "m", pip_requirements=[])
    folder = tmp_path / "m" / "model"
    (folder / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "mine.Config", "AutoModelForSequenceClassification": "mine.Model"}
    (folder / "config.json").write_text(json.dumps(config))
    mlyard.transformers.load_model(tmp_path / "m")
    assert not (tmp_path / "ran").exists()


def test_features_have_a_row_a_text(tmp_path: Path) -> None:
    save("transformers", "features", tmp_path / "m")
    answer = mlyard.pyfunc.load_model(tmp_path / "m").predict(DATA[""])
    expected = [each[0] for each in answer_of("transformers", "features")]
    assert np.allclose(answer, expected, atol=1e-5)
