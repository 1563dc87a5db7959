"""What is spaCy's alone: kinds of pipelines, and what texts come in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import spacy

import mlyard
from mlyard.core.errors import InvalidParameter
from tests.flavors.exchange import save


def test_a_pipeline_without_categories_tells_what_it_found(tmp_path: Path) -> None:
    pipeline = spacy.blank("en")
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "CITY", "pattern": "Berlin"}])
    mlyard.spacy.save_model(pipeline, tmp_path / "m", pip_requirements=[])
    answer = mlyard.pyfunc.load_model(tmp_path / "m").predict(["Off to Berlin", "At home"])
    assert [[each["label"] for each in found["ents"]] for found in answer["predictions"]] == [["CITY"], []]


def test_texts_come_as_a_text_a_list_or_one_column(tmp_path: Path) -> None:
    save("spacy", "categorizer", tmp_path / "m")
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    expected = model.predict("good film")["predictions"].tolist()
    inputs: list[Any] = [["good film"], pd.Series(["good film"]), {"text": "good film"}, [{"text": "good film"}]]
    for data in inputs:
        assert model.predict(data)["predictions"].tolist() == expected
    with pytest.raises(InvalidParameter, match="one column of texts"):
        model.predict(pd.DataFrame({"a": ["x"], "b": ["y"]}))
    with pytest.raises(InvalidParameter, match="takes texts; the input has 3"):
        model.predict([3])
