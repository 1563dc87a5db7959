"""Environments of projects: made from their files, once, and with mlyard under the name of MLflow."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import InvalidParameter
from mlyard.core.version import MLFLOW_VERSION
from mlyard.envs import python, uv
from mlyard.envs.cache import listed
from mlyard.envs.changes import BUILD
from mlyard.envs.project import CONDA_ENV, PYTHON_ENV, UV_ENV, PreparedProject, Wanted, prepare_project
from mlyard.envs.relax import NO_WHEEL
from tests.conftest import ROOT, SOAK, clean_environment, until
from tests.postgres import Cluster
from tests.s3 import BUCKET, S3Server

# As `conda env export` wrote it on a Mac in 2020.
OF_2020 = ROOT / "tests" / "system" / "envs" / "conda-2020-mac.yaml"

KEPT = ("environment", "requirements")
TRAIN = """
import json, sys
import mlflow, mlflow.sklearn, mlyard
from sklearn.linear_model import ElasticNet
from importlib.metadata import version

with mlflow.start_run() as run:
    model = ElasticNet(alpha=float(sys.argv[1])).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    mlflow.log_param("alpha", sys.argv[1])
    mlflow.sklearn.log_model(model, "model")
loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
print(json.dumps([run.info.run_id, version("scikit-learn"), version("mlflow"), mlflow.__version__,
                  mlflow.sklearn is mlyard.sklearn, len(loaded.predict([[3.0]]))]))
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("envs")


@pytest.fixture(autouse=True)
def _root(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_ENV_ROOT", str(root))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "train.py").write_text(TRAIN)
    return tmp_path / "project"


def conda(project: Path, text: str | None = None) -> Wanted:
    (project / "conda.yaml").write_text(text or OF_2020.read_text())
    return Wanted(kind=CONDA_ENV, file=project / "conda.yaml")


@pytest.fixture
def of_2020(project: Path) -> PreparedProject:
    """The environment of the file of 2020, made once for the module."""
    return prepare_project(project, conda(project))


def got(prepared: PreparedProject) -> dict[str, tuple[str | None, str]]:
    return {row.asked.split("=")[0]: (row.got, row.why) for row in prepared.rows}


def test_a_conda_file_of_2020_says_what_became_of_it(of_2020: PreparedProject) -> None:
    rows = got(of_2020)
    assert len(rows) == 142  # of 145: pip is not needed, and two packages are there under two spellings
    assert (rows["python"][0] or "").startswith("python==3.1")
    assert "mlyard needs Python 3.10 or newer" in rows["python"][1]
    assert rows["flask"] == ("flask==1.1.2", BUILD)
    assert rows["docker-py"] == ("docker==4.2.2", f"docker is its name on PyPI; {BUILD}")
    assert rows["mlflow"][0] == f"mlyard {mlyard.__version__}, as mlflow {MLFLOW_VERSION}"
    for library in ("blas", "libcxx", "openssl", "pandoc", "qt", "tk", "yaml", "zlib"):
        assert rows[library][0] is None
        assert library in of_2020.table
    version, why = rows["scikit-learn"]
    assert version not in (None, "scikit-learn==0.22.1")
    assert why == f"{BUILD}; {NO_WHEEL}"
    assert {row.got for row in of_2020.rows if row.asked.startswith("scikit")} <= set(of_2020.requirements)
    assert "\nflask=" not in of_2020.table
    assert "build strings of" in of_2020.table


def test_it_runs_a_training_script_that_imports_mlflow(of_2020: PreparedProject, project: Path) -> None:
    variables = of_2020.variables | {"MLYARD_TRACKING_URI": f"sqlite:///{project}/runs.db"}
    printed = subprocess.check_output(["python", "train.py", "0.5"], cwd=project, env=variables)
    run_id, sklearn, *rest = json.loads(printed)
    assert got(of_2020)["scikit-learn"][0] == f"scikit-learn=={sklearn}"
    assert rest == [MLFLOW_VERSION, MLFLOW_VERSION, True, 1]
    client = mlyard.MlflowClient(f"sqlite:///{project}/runs.db")
    assert client.get_run(run_id).data.params == {"alpha": "0.5"}


def test_it_logs_to_postgresql_and_s3(of_2020: PreparedProject, project: Path, postgres: Cluster, s3: S3Server) -> None:
    uri = postgres.new_database()
    client = mlyard.MlflowClient(uri)
    experiment = client.create_experiment("exp", f"s3://{BUCKET}/environments")
    variables = of_2020.variables | s3.environment | {"MLYARD_TRACKING_URI": uri, "MLYARD_EXPERIMENT_ID": experiment}
    printed = subprocess.check_output(["python", "train.py", "0.5"], cwd=project, env=variables)
    run = client.get_run(json.loads(printed)[0])
    assert run.info.artifact_uri.startswith(f"s3://{BUCKET}/environments/")


def test_the_second_time_nothing_is_made(
    of_2020: PreparedProject, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty"))
    again = prepare_project(project, conda(project))
    assert (again.place, again.rows) == (of_2020.place, of_2020.rows)
    assert again.requirements == of_2020.requirements


@pytest.fixture
def of_2020_project(of_2020: PreparedProject, project: Path) -> Path:
    """The project with its MLproject file."""
    conda(project)
    point = "{main: {parameters: {alpha: float}, command: 'python train.py {alpha}'}}"
    (project / "MLproject").write_text(f"name: wine\nconda_env: conda.yaml\nentry_points: {point}\n")
    return project


def test_a_run_in_it_keeps_the_table_and_the_packages(of_2020: PreparedProject, of_2020_project: Path) -> None:
    done = mlyard.projects.run(str(of_2020_project), parameters={"alpha": 0.5}, experiment_name="wine")
    run = mlyard.get_run(done.run_id)
    assert (run.data.params, run.data.tags["mlflow.project.env"]) == ({"alpha": "0.5"}, "conda")
    kept = {name: mlyard.artifacts.load_text(f"runs:/{done.run_id}/project/{name}.txt") for name in KEPT}
    assert kept["environment"].strip() == of_2020.table
    assert kept["requirements"].split() == list(of_2020.requirements)
    printed = mlyard.artifacts.load_text(f"runs:/{done.run_id}/project/output.log")
    run_id, sklearn, *_ = json.loads(printed.splitlines()[-1])
    assert (run_id, f"scikit-learn=={sklearn}") == (done.run_id, got(of_2020)["scikit-learn"][0])


def test_a_run_with_a_strict_environment_fails_with_the_table(of_2020_project: Path) -> None:
    with pytest.raises(InvalidParameter, match="exactly as its file says"):
        mlyard.projects.run(str(of_2020_project), parameters={"alpha": 0.5}, strict_env=True)
    (run,) = mlyard.search_runs(output_format="list")
    assert run.info.status == "FAILED"
    assert "attrs=19.3.0" in run.data.tags["mlyard.project.failure"]


def test_a_run_that_keeps_mlflow_needs_a_server(of_2020_project: Path) -> None:
    with pytest.raises(InvalidParameter, match="--keep-mlflow needs a tracking server"):
        mlyard.projects.run(str(of_2020_project), parameters={"alpha": 0.5}, keep_mlflow=True)


def test_a_run_in_the_current_environment_makes_none(project: Path) -> None:
    (project / "conda.yaml").write_text("dependencies: [no-such-package=1.0]")
    (project / "where.py").write_text("import sys, mlflow, mlyard; assert mlflow.sklearn is mlyard.sklearn")
    before = listed()
    done = mlyard.projects.run(str(project), "where.py", env_manager="local")
    assert (done.get_status(), listed()) == ("FINISHED", before)


def test_a_strict_environment_is_refused_with_the_table(of_2020: PreparedProject, project: Path) -> None:
    with pytest.raises(InvalidParameter) as refused:
        prepare_project(project, conda(project), strict=True)
    assert [line for line in of_2020.table.splitlines()[:-1] if line not in refused.value.message] == []
    assert "flask" in refused.value.message
    assert "--strict-env" in refused.value.message
    before = listed()
    with pytest.raises(InvalidParameter, match=r"left out +not a Python package"):
        prepare_project(project, conda(project, "dependencies: [zlib=1.2]"), strict=True)
    assert listed() == before


def test_a_file_that_fits_is_taken_as_it_is(project: Path) -> None:
    this = ".".join(map(str, sys.version_info[:2]))
    text = f"dependencies: [python={this}, idna=3.4, {{pip: [mlflow>=2, 'toml==0.10.1']}}]"
    prepared = prepare_project(project, conda(project, text), strict=True, purpose="a test")
    assert got(prepared)["idna"] == ("idna==3.4", "")
    assert prepared.table == ""
    assert {"idna==3.4", "toml==0.10.1"} <= set(prepared.requirements)
    assert not any(line.startswith("mlflow") for line in prepared.requirements)
    assert listed()[0].purpose == "a test"
    found = subprocess.check_output(
        ["python", "-c", "import mlflow; print(mlflow.__version__)"], env=prepared.variables
    )
    assert found.decode().strip() == MLFLOW_VERSION
    python_env = project / "python_env.yaml"
    python_env.write_text(f"{{python: {this}.0, dependencies: [idna==3.4]}}")
    other = prepare_project(project, Wanted(kind=PYTHON_ENV, file=python_env), strict=True)
    assert [row.got for row in other.rows] == [f"python=={this}", "idna==3.4"]


def test_uv_finds_the_pythons_that_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    this = python.this()
    monkeypatch.setattr(python, "this", lambda: "none")  # so that uv is asked for the one that surely is
    found = uv.interpreter(this, download=False)
    assert found is not None
    asked = [found, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
    assert subprocess.check_output(asked, text=True).strip() == this
    assert uv.interpreter("3.99", download=False) is None


@pytest.fixture
def lock(project: Path) -> Path:
    (project / "pyproject.toml").write_text(
        '[project]\nname = "thing"\nversion = "1.0"\nrequires-python = ">=3.10"\n'
        'dependencies = ["idna==3.4", "click==8.1.0"]\n'
    )
    subprocess.run([uv.find(), "lock", "--quiet"], cwd=project, check=True)
    return project / "uv.lock"


def test_a_uv_lock(lock: Path, project: Path) -> None:
    before = sorted(project.iterdir())
    prepared = prepare_project(project)
    assert sorted(project.iterdir()) == before
    rows = {row.asked: (row.got, row.is_exact) for row in prepared.rows}
    assert rows["idna==3.4"] == ("idna==3.4", True)
    assert rows["click==8.1.0"][1] is False, "mlyard needs a newer one"
    subprocess.run(["python", "-c", "import mlflow, idna; mlflow.log_metric"], env=prepared.variables, check=True)
    with pytest.raises(InvalidParameter, match=r"click==8\.1\.0 -> click"):
        prepare_project(project, strict=True)
    with pytest.raises(InvalidParameter, match="use --env-manager uv, not virtualenv"):
        prepare_project(project, manager="virtualenv")
    lock.write_text("version = 1\n[[package]]")
    with pytest.raises(InvalidParameter, match="uv reports"):
        prepare_project(project)
    lock.unlink()
    with pytest.raises(InvalidParameter, match=r"has no uv\.lock"):
        prepare_project(project, Wanted(kind=UV_ENV, file=project / "pyproject.toml"))


def test_the_current_environment(project: Path) -> None:
    prepared = prepare_project(project)
    assert (prepared.place, prepared.rows) == (None, ())
    ask = "import mlflow, mlyard, sys; print(mlflow.sklearn is mlyard.sklearn, sys.prefix)"
    found = subprocess.check_output(["python", "-c", ask], env=prepared.variables, text=True)
    assert found.split() == ["True", sys.prefix]
    assert conda(project).kind == CONDA_ENV
    assert prepare_project(project, conda(project), "local").place is None


def test_what_is_refused(project: Path, tmp_path: Path) -> None:
    for uri in ("sqlite:///runs.db", "postgresql://localhost/x", "./mlruns"):
        with pytest.raises(InvalidParameter, match=r"--keep-mlflow needs a tracking server.*mlyard server"):
            prepare_project(project, keep_mlflow=True, tracking_uri=uri)
    kept = prepare_project(project, keep_mlflow=True, tracking_uri="http://127.0.0.1:5000")
    assert "PYTHONPATH" not in kept.variables
    with pytest.raises(InvalidParameter, match="'poetry' is not supported"):
        prepare_project(project, conda(project), "poetry")
    with pytest.raises(InvalidParameter, match="'docker' is not supported"):
        prepare_project(project, Wanted(kind="docker", file=project / "x"))
    (tmp_path / "outside.yaml").write_text("dependencies: []")
    (project / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    for file in (project / "link.yaml", project / ".." / "outside.yaml"):
        with pytest.raises(InvalidParameter, match="outside the project's folder"):
            prepare_project(project, Wanted(kind=CONDA_ENV, file=file))


MAKE = """
import sys
from pathlib import Path
from mlyard.envs.project import prepare_project
from mlyard.envs.project_plan import Wanted
print(prepare_project(Path("."), Wanted(kind="python_env", file=Path("python_env.yaml"))).place)
"""


def test_a_killed_build_is_made_anew_and_two_at_once_make_one(project: Path, tmp_path: Path) -> None:
    root = tmp_path / "envs"
    environment = clean_environment(MLYARD_ENV_ROOT=str(root))
    (project / "python_env.yaml").write_text("dependencies: [idna==3.5]")
    command = [sys.executable, "-c", MAKE]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # An index that never answers: the build is in its middle until it is killed.
        index = {"UV_DEFAULT_INDEX": f"http://127.0.0.1:{silent.getsockname()[1]}", "UV_HTTP_TIMEOUT": "3600"}
        first = subprocess.Popen(command, cwd=project, env=environment | index, start_new_session=True)
        until(lambda: any(root.glob("mlyard-*.lock")))
        silent.accept()[0].close()
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert not list(root.glob("mlyard-*/.mlyard-done"))
    both = [
        subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    places = {process.communicate()[0].strip() for process in both}
    assert len(places) == 1
    (place,) = map(Path, places)
    assert list(root.glob("mlyard-*/.mlyard-done")) == [place / ".mlyard-done"]
    found = subprocess.check_output([place / "bin" / "python", "-c", "import idna, mlflow; print(idna.__version__)"])
    assert found.decode().split() == ["3.5"]


@pytest.mark.skipif(not SOAK, reason="pip takes minutes for so many packages: `make soak` does it")
def test_the_file_of_2020_by_venv_and_pip(project: Path) -> None:
    prepared = prepare_project(project, conda(project), "virtualenv")
    variables = prepared.variables | {"MLYARD_TRACKING_URI": f"sqlite:///{project}/runs.db"}
    subprocess.run(["python", "train.py", "0.5"], cwd=project, env=variables, check=True)


@pytest.mark.skipif(not SOAK, reason="installs MLflow: `make soak` does it")
def test_mlflow_itself(project: Path) -> None:
    wanted = conda(project, f"dependencies: [python=3.11, {{pip: [mlflow-skinny=={MLFLOW_VERSION}]}}]")
    prepared = prepare_project(project, wanted, keep_mlflow=True, tracking_uri="http://127.0.0.1:5000")
    ask = "import mlflow, importlib.util; print(mlflow.__name__, importlib.util.find_spec('mlyard'))"
    assert subprocess.check_output(["python", "-c", ask], env=prepared.variables, text=True).split() == [
        "mlflow",
        "None",
    ]


def test_the_list_of_environments_and_their_removal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "envs"
    environment = clean_environment(MLYARD_ENV_ROOT=str(root))

    def command(*arguments: str) -> str:
        return subprocess.check_output([sys.executable, "-m", "mlyard", "envs", *arguments], env=environment, text=True)

    assert command("list") == ""
    now = time.time()
    for name, age in (("mlyard-new", 0), ("mlyard-old", 40 * 86400), ("mlyard-half", 40 * 86400)):
        (root / name / "lib").mkdir(parents=True)
        (root / name / "lib" / "file").write_bytes(b"x" * 3_000_000)
        note = root / name / (".mlyard-used" if name != "mlyard-half" else "x")
        note.write_text(f"purpose of {name}")
        if name != "mlyard-half":
            (root / name / ".mlyard-done").touch()
        for each in (note, root / name):
            os.utime(each, (now - age, now - age))
    lines = command("list").splitlines()
    assert lines[0].startswith("mlyard-new         3 MB  ")
    assert lines[0].endswith("purpose of mlyard-new")
    assert sum(line.endswith("incomplete") for line in lines) == 1
    dry = command("prune", "--dry-run").splitlines()
    assert dry[-1] == "Would remove 2 environments: 6 MB."
    assert len(command("list").splitlines()) == 3
    assert command("prune").splitlines()[-1] == "Removed 2 environments: 6 MB."
    assert [each.name for each in root.glob("mlyard-*") if each.is_dir()] == ["mlyard-new"]
    assert command("prune", "--older-than", "0s").splitlines()[-1] == "Removed 1 environment: 3 MB."
