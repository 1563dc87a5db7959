"""MLmodel files of any content are read, or refused with an error of ours: nothing else comes of them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard.core.errors import MlyardError
from mlyard.models import get_model_info, inspect_model

LEAVES = st.none() | st.booleans() | st.integers(-1, 9) | st.sampled_from(["", "x", "../x", "/etc/passwd", "code", "."])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "path"]), inner),
    max_leaves=4,
)
ACTS = (mlyard.pyfunc.load_model, mlyard.sklearn.load_model, inspect_model, get_model_info)


@pytest.fixture(scope="module", params=["sklearn", "python"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("saved") / "m"
    if request.param == "sklearn":
        line = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        mlyard.sklearn.save_model(line, folder, input_example=[[1.0]], pip_requirements=[])
    else:
        note = folder.parent / "note.txt"
        note.write_text("note")
        mlyard.pyfunc.save_model(
            folder,
            python_model=lambda model_input: model_input,
            artifacts={"note": str(note)},
            model_config={"k": 1},
            pip_requirements=[],
        )
    return folder, (folder / "MLmodel").read_text()


@settings(max_examples=150)
@given(data=st.data())
def test_nothing_else_comes_of_them(saved: tuple[Path, str], data: st.DataObject) -> None:
    folder, text = saved
    content: dict[str, Any] = yaml.safe_load(text)
    places = [content, *content["flavors"].values()]
    place = data.draw(st.sampled_from(places))
    key = data.draw(st.sampled_from([*place, "code", "model_code_path", "python_model_compression", "signature"]))
    place[key] = data.draw(VALUES)
    (folder / "MLmodel").write_text(yaml.safe_dump(content))
    for act in ACTS:
        with contextlib.suppress(MlyardError):
            act(folder)
