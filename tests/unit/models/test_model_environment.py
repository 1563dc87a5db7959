"""What a model needs elsewhere: its requirements in every form, other files, code, and libraries brought along."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import pytest
import yaml
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.models import Model, add_libraries_to_model
from tests.wheels import wheel

LINE = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


def save(folder: Path, **options: Any) -> Path:
    mlyard.sklearn.save_model(LINE, folder / "m", **options)
    return folder / "m"


def pip_of(model: Path) -> list[str]:
    conda = yaml.safe_load((model / "conda.yaml").read_text())
    assert conda["dependencies"][0] == f"python={platform.python_version()}"
    return list(conda["dependencies"][-1]["pip"])


@pytest.mark.parametrize("given", ["requirements.txt", ["-r requirements.txt"], Path("requirements.txt")])
def test_files_of_requirements_and_constraints(tmp_path: Path, given: Any) -> None:
    Path("requirements.txt").write_text(
        "numpy>=1 \\\n  ,<3\n# a comment\nscipy  # another\n\n-r more/more.txt\n-c limits.txt\n"
    )
    Path("more").mkdir()
    Path("more", "more.txt").write_text("six\n")
    Path("limits.txt").write_text("joblib<2\n")
    model = save(tmp_path, pip_requirements=given)
    lines = ["numpy>=1 ,<3", "scipy", "six", "-c constraints.txt"]
    assert (model / "requirements.txt").read_text().splitlines() == lines
    assert (model / "constraints.txt").read_text() == "joblib<2\n"
    assert pip_of(model) == lines
    assert yaml.safe_load((model / "python_env.yaml").read_text())["dependencies"] == ["-r requirements.txt"]
    assert Path(mlyard.pyfunc.get_model_dependencies(model)).read_text().splitlines() == lines


def test_a_file_that_refers_to_itself_or_is_not_there(tmp_path: Path) -> None:
    Path("a.txt").write_text("-r b.txt\n")
    Path("b.txt").write_text("-r a.txt\n")
    with pytest.raises(InvalidParameter, match="includes itself"):
        save(tmp_path, pip_requirements="a.txt")
    with pytest.raises(InvalidParameter, match=r"nowhere\.txt.*cannot be read"):
        save(tmp_path, pip_requirements="nowhere.txt")
    assert not (tmp_path / "m").exists()


def test_extra_requirements_count_more_than_what_is_found(tmp_path: Path) -> None:
    lines = (save(tmp_path, extra_pip_requirements=["numpy<99", "six"]) / "requirements.txt").read_text().splitlines()
    assert lines[-2:] == ["numpy<99", "six"]
    assert [line.partition("==")[0] for line in lines[:-2]] == ["pandas", "scikit-learn", "scipy", "skops"]


@pytest.mark.parametrize("as_file", [True, False])
def test_a_conda_environment(tmp_path: Path, as_file: bool) -> None:
    conda = {"name": "mine", "channels": ["x"], "dependencies": ["python=3.11", "pip", {"pip": ["six", "numpy"]}]}
    Path("env.yaml").write_text(yaml.safe_dump(conda))
    model = save(tmp_path, conda_env="env.yaml" if as_file else conda)
    assert yaml.safe_load((model / "conda.yaml").read_text()) == conda
    assert (model / "requirements.txt").read_text() == "six\nnumpy\n"


def test_what_else_a_model_says_of_itself(tmp_path: Path) -> None:
    Path("notes.txt").write_text("notes")
    Path("resources.yaml").write_text("api_version: '1'\ndatabricks:\n  serving_endpoint:\n  - name: x\n")
    model = save(
        tmp_path,
        metadata={"team": "a"},
        extra_files=["notes.txt"],
        resources="resources.yaml",
        auth_policy={"system_auth_policy": {"resources": []}},
        prompts=["prompts:/p/1"],
        pip_requirements=[],
    )
    read = Model.load(model)
    assert (read.metadata, read.prompts) == ({"team": "a"}, ["prompts:/p/1"])
    assert read.resources == {"api_version": "1", "databricks": {"serving_endpoint": [{"name": "x"}]}}
    assert read.auth_policy == {"system_auth_policy": {"resources": []}}
    assert read.flavors["sklearn"]["extra_files"] == [{"path": "extra_files/notes.txt"}]
    assert (model / "extra_files" / "notes.txt").read_text() == "notes"
    assert read.model_size_bytes is not None
    assert read.model_size_bytes > 700


def test_what_mlyard_does_not_know_is_kept(tmp_path: Path) -> None:
    model = save(tmp_path, pip_requirements=[])
    content = yaml.safe_load((model / "MLmodel").read_text())
    content |= {"env_vars": ["KEY"], "from_the_future": {"a": [1]}, "databricks_runtime": "15"}
    (model / "MLmodel").write_text(yaml.safe_dump(content))
    Model.load(model).save(model)
    assert yaml.safe_load((model / "MLmodel").read_text()) == content


def test_libraries_come_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel(tmp_path / "index", "companion")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    with mlyard.start_run() as run:
        mlyard.sklearn.log_model(LINE, name="line", pip_requirements=["companion==1.0"], registered_model_name="Line")
    info = add_libraries_to_model("models:/Line/1")
    assert (info.registered_model_version, info.run_id) == (2, run.info.run_id)
    folder = Path(mlyard.artifacts.download_artifacts("models:/Line/2"))
    brought = "wheels/companion-1.0-py3-none-any.whl"
    assert (folder / brought).is_file()
    assert (folder / "requirements.txt").read_text() == f"{brought}\n"
    assert pip_of(folder) == [brought]
    assert (folder / "original_requirements.txt").read_text() == "companion==1.0\n"
    assert mlyard.pyfunc.load_model("models:/Line/2").predict([[3.0]]).round(6).tolist() == [3.0]
    assert mlyard.pyfunc.load_model("models:/Line/1").metadata.model_id != info.model_id
    with pytest.raises(InvalidParameter, match="already contains its libraries"):
        add_libraries_to_model("models:/Line/2")
    with pytest.raises(InvalidParameter, match="registered_model_name"):
        add_libraries_to_model(f"runs:/{run.info.run_id}/line")


@pytest.mark.parametrize("line", ["--index-url http://127.0.0.1:9/evil", "-r /etc/passwd", "--pre"])
def test_options_in_a_models_requirements_are_not_followed(tmp_path: Path, line: str) -> None:
    with mlyard.start_run():
        info = mlyard.sklearn.log_model(LINE, name="line", pip_requirements=["six"])
    folder = Path(mlyard.artifacts.download_artifacts(info.model_uri, dst_path=str(tmp_path / "copy")))
    (folder / "requirements.txt").write_text(f"six\n{line}\n")
    with pytest.raises(MlyardError, match="not supported"):
        add_libraries_to_model(str(folder), registered_model_name="Line")
    assert mlyard.search_registered_models() == []
