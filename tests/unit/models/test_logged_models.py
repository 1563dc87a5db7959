"""Logged models: among the run's artifacts and models of their own, with params, tags, metrics and a status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard.core.errors import DataLoss, InvalidParameter
from mlyard.domain.logged_models import PENDING, READY, UPLOAD_FAILED
from mlyard.models import infer_signature, set_signature, update_model_requirements
from tests.conftest import LiveServer

DATA = [[0.0], [1.0]]
QUICK: Any = {"pip_requirements": ["scikit-learn"]}


def line(slope: float) -> Any:
    return LinearRegression().fit(DATA, [0.0, slope])


def slope_of(uri: str) -> float:
    return round(float(mlyard.pyfunc.load_model(uri).predict(DATA)[1]), 6)


@pytest.mark.parametrize("words", [{"artifact_path": "line"}, {"name": "line"}])
def test_one_model_with_its_addresses(words: dict[str, str]) -> None:
    with mlyard.start_run() as run:
        mlyard.log_param("of_run", 1)
        info = mlyard.sklearn.log_model(
            line(3), params={"own": 2}, tags={"team": "a"}, model_type="regressor", step=7, **words, **QUICK
        )
        mlyard.log_metric("rmse", 0.25, step=7, model_id=info.model_id)
    assert info.model_id is not None
    model = mlyard.get_logged_model(info.model_id)
    assert (model.status, model.name, model.model_type) == (READY, "line", "regressor")
    assert model.params == {"of_run": "1", "own": "2"}
    assert model.tags["team"] == "a"
    assert [(metric.key, metric.value, metric.step) for metric in model.metrics] == [("rmse", 0.25, 7)]
    (output,) = mlyard.get_run(run.info.run_id).outputs.model_outputs
    assert (output.model_id, output.step) == (info.model_id, 7)
    assert info.name == "line"
    assert mlyard.get_run(run.info.run_id).data.metrics == {"rmse": 0.25}
    for uri in (info.model_uri, f"runs:/{run.info.run_id}/line", f"{run.info.artifact_uri}/line"):
        assert slope_of(uri) == 3
        assert mlyard.models.get_model_info(uri).model_id == info.model_id


def test_a_name_logged_twice_names_the_newer_and_the_older_keeps_its_files() -> None:
    with mlyard.start_run() as run:
        first = mlyard.sklearn.log_model(line(1), name="line", step=1, **QUICK)
        second = mlyard.sklearn.log_model(line(2), name="line", step=2, **QUICK)
    assert [slope_of(info.model_uri) for info in (first, second)] == [1, 2]
    assert slope_of(f"runs:/{run.info.run_id}/line") == 2
    assert len(mlyard.get_run(run.info.run_id).outputs.model_outputs) == 2


def test_a_model_that_cannot_be_saved_has_failed() -> None:
    with mlyard.start_run(), pytest.raises(InvalidParameter, match="code path"):
        mlyard.sklearn.log_model(line(1), name="bad", code_paths=["nowhere"], **QUICK)
    last = mlyard.last_logged_model()
    assert last is not None
    assert (last.name, last.status) == ("bad", UPLOAD_FAILED)


def test_a_model_begun_before_its_files_are_there() -> None:
    begun = mlyard.initialize_logged_model(name="early", params={"a": 1})
    assert begun.status == PENDING
    mlyard.log_model_params({"b": 2}, begun.model_id)
    info = mlyard.sklearn.log_model(line(4), model_id=begun.model_id, **QUICK)
    assert info.model_id == begun.model_id
    model = mlyard.get_logged_model(begun.model_id)
    assert (model.status, model.params) == (READY, {"a": "1", "b": "2"})
    assert slope_of(begun.model_uri) == 4
    found = mlyard.search_logged_models(filter_string="params.b = '2'", output_format="list")
    assert [model.model_id for model in found] == [begun.model_id]
    assert list(mlyard.search_logged_models()["name"]) == ["early"]  # type: ignore[call-overload, index]


def test_registering_and_what_a_version_refuses() -> None:
    with mlyard.start_run():
        info = mlyard.sklearn.log_model(line(5), name="line", registered_model_name="Line", **QUICK)
    assert info.registered_model_version == 1
    assert slope_of("models:/Line/1") == 5
    with pytest.raises(InvalidParameter, match="cannot be changed"):
        set_signature("models:/Line/1", infer_signature(np.array(DATA)))
    with pytest.raises(InvalidParameter, match="cannot be changed"):
        update_model_requirements("models:/Line/1", "add", ["six"])


@pytest.mark.parametrize("kept", ["in a run", "as a logged model", "in a folder"])
def test_signature_and_requirements_of_a_model_that_is_there(kept: str, tmp_path: Path) -> None:
    requirements = ["scikit-learn", "numpy<3"]
    if kept == "in a folder":
        uri = str(tmp_path / "m")
        mlyard.sklearn.save_model(line(1), uri, pip_requirements=requirements)
    else:
        with mlyard.start_run() as run:
            info = mlyard.sklearn.log_model(line(1), name="line", pip_requirements=requirements)
        uri = f"runs:/{run.info.run_id}/line" if kept == "in a run" else info.model_uri
    set_signature(uri, infer_signature(np.array(DATA)))
    assert mlyard.models.get_model_info(uri).signature == infer_signature(np.array(DATA))
    update_model_requirements(uri, "add", ["six==1.16.0", "numpy==2"])
    update_model_requirements(uri, "remove", ["Scikit_Learn"])
    for form in ("pip", "conda"):
        text = Path(mlyard.pyfunc.get_model_dependencies(uri, form)).read_text()
        assert "six==1.16.0" in text
        assert "numpy==2" in text
        assert "numpy<3" not in text
        assert "scikit-learn" not in text
    assert slope_of(uri) == 1  # and the manifest says what was written


def test_files_that_are_not_those_that_were_logged_are_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    with mlyard.start_run() as run:
        info = mlyard.sklearn.log_model(line(1), name="line", serialization_format="pickle", **QUICK)
    folder = Path(run.info.artifact_uri, "line")
    content = (folder / "model.pkl").read_bytes()
    (folder / "model.pkl").write_bytes(content.replace(b"LinearRegression", b"RidgeRegression1"))
    for uri in (info.model_uri, f"runs:/{run.info.run_id}/line", str(folder)):
        with pytest.raises(DataLoss, match=r"model\.pkl.* is not what was logged"):
            mlyard.pyfunc.load_model(uri)
        with pytest.raises(DataLoss):
            mlyard.sklearn.load_model(uri)
    (folder / "model.pkl").write_bytes(content)
    assert slope_of(str(folder)) == 1
    (folder / "model.pkl").unlink()
    with pytest.raises(DataLoss, match="gone"):
        mlyard.pyfunc.load_model(info.model_uri)


def test_the_same_of_a_model_behind_a_server(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_TRACKING_URI", server.url)
    with mlyard.start_run() as run:
        info = mlyard.sklearn.log_model(line(1), name="line", serialization_format="pickle", **QUICK)
    uris = (info.model_uri, f"runs:/{run.info.run_id}/line")
    for uri in uris:
        set_signature(uri, infer_signature(np.array(DATA), params={"uri": uri}))
        for loaded in uris:
            read = mlyard.models.get_model_info(loaded).signature
            assert read is not None
            assert read.params is not None
            assert read.params.params[0].default == uri
    (file,) = (server.folder / "mlartifacts").rglob(f"{run.info.run_id}/artifacts/line/model.pkl")
    file.write_bytes(file.read_bytes().replace(b"LinearRegression", b"RidgeRegression1"))
    for uri in uris:
        with pytest.raises(DataLoss, match=r"model\.pkl"):
            mlyard.pyfunc.load_model(uri)
