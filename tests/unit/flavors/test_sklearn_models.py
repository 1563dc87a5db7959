"""scikit-learn models: which format they are kept in, what they need, what is refused."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import mlyard
from mlyard.core.errors import InvalidParameter, PermissionDenied

FRAME = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.0, 5.0, 1.0]})


@pytest.fixture
def model() -> Any:
    return make_pipeline(StandardScaler(), LinearRegression()).fit(FRAME, FRAME["a"] * 2 + FRAME["b"] * 10)


@pytest.fixture
def with_code() -> Any:
    """A model that holds a function of this test's."""
    return make_pipeline(FunctionTransformer(lambda table: table * 2), LinearRegression()).fit(FRAME, FRAME["a"])


def entry(folder: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((folder / "MLmodel").read_text())["flavors"]["sklearn"])


def test_skops_holds_what_it_can_and_loads_where_pickles_are_forbidden(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlyard.sklearn.save_model(model, tmp_path / "m")
    assert entry(tmp_path / "m")["serialization_format"] == "skops"
    monkeypatch.setenv("MLYARD_ALLOW_PICKLE", "0")
    assert np.allclose(mlyard.pyfunc.load_model(tmp_path / "m").predict(FRAME), model.predict(FRAME))


def test_what_skops_does_not_know_goes_to_cloudpickle_and_says_so(
    with_code: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.INFO, "mlyard"):
        mlyard.sklearn.save_model(with_code, tmp_path / "m", pip_requirements=[])
    assert len(caplog.messages) == 1
    assert "cloudpickle" in caplog.text
    assert entry(tmp_path / "m")["serialization_format"] == "cloudpickle"
    assert np.allclose(mlyard.sklearn.load_model(tmp_path / "m").predict(FRAME), with_code.predict(FRAME))
    for name in ("MLYARD_ALLOW_PICKLE", "MLYARD_ALLOW_PICKLE_DESERIALIZATION", "MLFLOW_ALLOW_PICKLE_DESERIALIZATION"):
        with monkeypatch.context() as context:
            context.setenv(name, "0")
            with pytest.raises(PermissionDenied, match=r"model\.pkl \(a pickle\)"):
                mlyard.sklearn.load_model(tmp_path / "m")


def test_skops_asked_for_is_skops_or_nothing(with_code: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="cannot be saved as skops"):
        mlyard.sklearn.save_model(with_code, tmp_path / "m", serialization_format="skops")
    assert not (tmp_path / "m").exists()


def test_types_that_the_user_trusts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    transform = make_pipeline(FunctionTransformer(np.trace), LinearRegression())
    with pytest.raises(InvalidParameter, match=r"numpy\.trace"):
        mlyard.sklearn.save_model(transform, tmp_path / "m", serialization_format="skops")
    mlyard.sklearn.save_model(transform, tmp_path / "m", skops_trusted_types=["numpy.trace"])
    assert entry(tmp_path / "m")["skops_trusted_types"] == ["numpy.trace"]
    assert mlyard.sklearn.load_model(tmp_path / "m").steps[0][1].func is np.trace
    monkeypatch.setenv("MLYARD_ALLOW_PICKLE", "0")
    with pytest.raises(PermissionDenied, match=r"numpy\.trace"):
        mlyard.sklearn.load_model(tmp_path / "m")


@pytest.mark.parametrize("form", ["skops", "pickle", "cloudpickle"])
def test_requirements_are_pinned(model: Any, tmp_path: Path, form: str) -> None:
    mlyard.sklearn.save_model(model, tmp_path / "m", serialization_format=form)
    lines = (tmp_path / "m" / "requirements.txt").read_text().splitlines()
    more = [] if form == "pickle" else [form]
    assert [line.partition("==")[0] for line in lines] == sorted(["numpy", "pandas", "scikit-learn", "scipy", *more])
    assert f"numpy=={np.__version__}" in lines


@pytest.mark.parametrize("form", ["skops", "pickle", "cloudpickle"])
def test_requirements_take_no_second_process(
    model: Any, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Which takes seconds (ADR 0015): one would end here, and be warned of."""
    monkeypatch.setenv("MLYARD_REQUIREMENTS_INFERENCE_TIMEOUT", "0")
    mlyard.sklearn.save_model(model, tmp_path / "m", serialization_format=form)
    assert caplog.messages == []


def test_code_in_a_model_takes_one(
    with_code: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLYARD_REQUIREMENTS_INFERENCE_TIMEOUT", "0")
    mlyard.sklearn.save_model(with_code, tmp_path / "m")
    assert "could not be found by loading" in caplog.text


def test_another_method_answers(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(FRAME, [0, 1, 1])
    mlyard.sklearn.save_model(model, tmp_path / "m", pyfunc_predict_fn="predict_proba")
    assert np.allclose(mlyard.pyfunc.load_model(tmp_path / "m").predict(FRAME), model.predict_proba(FRAME))


def test_an_unknown_option_is_named(model: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"save_model\(\) got an unexpected keyword argument 'signatur'"):
        mlyard.sklearn.save_model(model, tmp_path / "m", signatur=None)  # type: ignore[call-arg]
    with pytest.raises(InvalidParameter, match="Only one of"):
        mlyard.sklearn.save_model(model, tmp_path / "m", pip_requirements=["a"], extra_pip_requirements=["b"])
