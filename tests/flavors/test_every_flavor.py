"""What holds of each flavor: saved, loaded, logged to a run, described, and refused where code may not run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mlyard
from mlyard.core.errors import InvalidParameter, PermissionDenied
from mlyard.core.requirement_lines import distribution_name
from mlyard.models import inspect_model
from mlyard.models.format.flavor import find_flavor
from tests.flavors.environments import FLAVORS
from tests.flavors.exchange import all_forms, answer_of, data_of, model_of, save, trained
from tests.flavors.mlflow_side import plain
from tests.flavors.test_both_ways import same

FORMS = pytest.mark.parametrize(("flavor", "form"), all_forms())


@FORMS
def test_a_saved_model_is_the_same(flavor: str, form: str, tmp_path: Path) -> None:
    save(flavor, form, tmp_path / "m")
    module: Any = find_flavor(flavor)
    own = trained(flavor).ask(module.load_model(tmp_path / "m"), data_of(flavor, form))
    assert same(plain(own), plain(answer_of(flavor, form)))


@FORMS
def test_a_model_is_logged_with_its_signature_and_requirements(flavor: str, form: str, tmp_path: Path) -> None:
    module: Any = find_flavor(flavor)
    data = data_of(flavor, form)
    options = {"input_example": data, **trained(flavor).OPTIONS.get(form, {})}
    with mlyard.start_run() as run:
        info = module.log_model(model_of(flavor, form), name="model", **options)
    model = mlyard.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert info.signature is not None
    assert info.signature.inputs
    before = mlyard.pyfunc.load_model(info.model_uri).predict(data)
    assert info.signature.outputs or isinstance(before, dict)
    assert same(plain(model.predict(data)), plain(before))
    requirements = Path(mlyard.pyfunc.get_model_dependencies(info.model_uri)).read_text().splitlines()
    assert {distribution_name(line) for line in requirements} >= trained(flavor).NEEDS
    assert all("==" in line for line in requirements)


@FORMS
def test_what_it_takes_in_process_a_server_takes_from_its_own_example(flavor: str, form: str, tmp_path: Path) -> None:
    data = data_of(flavor, form)
    save(flavor, form, tmp_path / "m", input_example=data)
    in_process = mlyard.pyfunc.load_model(tmp_path / "m").predict(data)
    body = (tmp_path / "m" / "serving_input_example.json").read_text(encoding="utf-8")
    assert same(plain(mlyard.models.validate_serving_input(tmp_path / "m", body)), plain(in_process))


@FORMS
def test_code_that_would_run_is_told_and_refused(
    flavor: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(flavor, form, tmp_path / "m")
    runs = trained(flavor).RUNS.get(form, set())
    assert {each.file for each in inspect_model(tmp_path / "m")} == runs
    monkeypatch.setenv("MLYARD_ALLOW_PICKLE", "0")
    module: Any = find_flavor(flavor)
    for load in (module.load_model, mlyard.pyfunc.load_model):
        if runs:
            with pytest.raises(PermissionDenied, match="MLYARD_ALLOW_PICKLE=0"):
                load(tmp_path / "m")
        else:
            load(tmp_path / "m")


@pytest.mark.parametrize("flavor", FLAVORS)
def test_something_else_is_refused_and_leaves_nothing(flavor: str, tmp_path: Path) -> None:
    module: Any = find_flavor(flavor)
    with pytest.raises(InvalidParameter):
        module.save_model(object(), tmp_path / "m")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("flavor", FLAVORS)
def test_the_short_name_has_the_same_functions(flavor: str) -> None:
    shim: Any = getattr(mlyard, flavor)
    assert all(getattr(shim, name) is getattr(find_flavor(flavor), name) for name in shim.__all__)
