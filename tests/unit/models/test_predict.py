"""mlyard.models.predict: a model tried on requests and files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard.core.errors import InvalidParameter, MlyardError

FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": [0.0, 5.0]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = LinearRegression().fit(FRAME, FRAME["a"] * 2 + FRAME["b"])
    mlyard.sklearn.save_model(model, tmp_path / "m", input_example=FRAME, pip_requirements=[])
    return tmp_path / "m"


@pytest.mark.parametrize(
    ("given", "form"),
    [
        (FRAME[["b", "a"]], "json"),
        ({"dataframe_split": {"columns": ["b", "a"], "data": [[0, 1], [5, 2]]}}, "json"),
        ('{"dataframe_records": [{"b": 0, "a": 1}, {"b": 5, "a": 2}]}', "json"),
        ("b,a\n0,1\n5,2\n", "csv"),
    ],
)
@pytest.mark.parametrize("by_file", [True, False])
def test_content_or_a_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], given: Any, form: str, by_file: bool
) -> None:
    if by_file:
        text = given if isinstance(given, str) else json.dumps(given, default=lambda f: f.to_dict(orient="list"))
        if isinstance(given, pd.DataFrame):
            text, form = given.to_csv(index=False), "csv"
        Path("input").write_text(text)
        mlyard.models.predict(folder, input_path="input", content_type=form, output_path="output")
        answer = Path("output").read_text()
    else:
        mlyard.models.predict(folder, given, content_type=form)
        answer = capsys.readouterr().out
    assert [round(value, 6) for value in json.loads(answer)["predictions"]] == [2.0, 9.0]


def test_what_it_refuses(folder: Path) -> None:
    for refused in ({}, {"input_data": FRAME, "input_path": "x"}, {"input_data": "{", "content_type": "json"}):
        with pytest.raises(InvalidParameter):
            mlyard.models.predict(folder, **refused)  # type: ignore[arg-type]
    with pytest.raises(InvalidParameter, match="'json' or 'csv'"):
        mlyard.models.predict(folder, FRAME, content_type="xml")
    with pytest.raises(InvalidParameter, match="need an environment"):
        mlyard.models.predict(folder, FRAME, pip_requirements_override=["six"])
    with pytest.raises(MlyardError, match="The prediction in the model's environment failed"):
        mlyard.models.predict(folder, FRAME, env_manager="nothing")
