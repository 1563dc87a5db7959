"""A project of 2020, as it was: its conda.yaml from a Mac, and a script that imports mlflow."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import InvalidParameter
from mlyard.core.version import MLFLOW_VERSION
from mlyard.envs.cache import listed
from mlyard.envs.changes import BUILD
from mlyard.envs.project import CONDA_ENV, PreparedProject, Wanted, prepare_project
from mlyard.envs.relax import NO_WHEEL
from tests.conftest import ROOT, SOAK, running
from tests.ports import free_port
from tests.postgres import Cluster
from tests.repositories import Repository, git_server
from tests.s3 import BUCKET, S3Server

WINE = ROOT / "examples" / "tutorial" / "winequality-red.csv"
PROJECT = Path(__file__).parent / "project_of_2020"
PARAMETERS = {"alpha": 0.25, "l1_ratio": 0.25}
# The numbers of the seed 40, as they came out in 2020.
METRICS = {"rmse": 0.7380489682487518, "mae": 0.5690312554727687, "r2": 0.22820122626467798}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("envs")


@pytest.fixture(autouse=True)
def _folders(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_ENV_ROOT", str(root))
    monkeypatch.setenv("MLYARD_PROJECT_CACHE", str(root / "repositories"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("of_2020") / "wine"
    shutil.copytree(PROJECT, folder)
    shutil.copy(WINE, folder)
    return folder


def wanted(project: Path) -> Wanted:
    return Wanted(kind=CONDA_ENV, file=project / "conda.yaml")


@pytest.fixture
def environment(project: Path) -> PreparedProject:
    """Its environment, made once for the module."""
    return prepare_project(project, wanted(project))


def rows_of(prepared: PreparedProject) -> dict[str, tuple[str | None, str]]:
    return {row.asked.split("=")[0]: (row.got, row.why) for row in prepared.rows}


def test_the_table_says_what_became_of_each_package(environment: PreparedProject) -> None:
    rows = rows_of(environment)
    assert len(rows) == 142  # of 145: pip is not needed, and two packages are there under two spellings
    assert (rows["python"][0] or "").startswith("python==3.1")
    assert "mlyard needs Python 3.11 or newer" in rows["python"][1]
    assert rows["flask"] == ("flask==1.1.2", BUILD)
    assert rows["docker-py"] == ("docker==4.2.2", f"docker is its name on PyPI; {BUILD}")
    assert rows["mlflow"][0] == f"mlyard {mlyard.__version__}, as mlflow {MLFLOW_VERSION}"
    for library in ("blas", "libcxx", "openssl", "pandoc", "qt", "tk", "yaml", "zlib"):
        assert rows[library][0] is None
        assert library in environment.table
    version, why = rows["scikit-learn"]
    assert version not in (None, "scikit-learn==0.22.1")
    assert why == f"{BUILD}; {NO_WHEEL}"
    assert {row.got for row in environment.rows if row.asked.startswith("scikit")} <= set(environment.requirements)
    assert "\nflask=" not in environment.table
    assert "build strings of" in environment.table


def test_the_second_time_nothing_is_made(
    environment: PreparedProject, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty"))
    again = prepare_project(project, wanted(project))
    assert (again.place, again.rows) == (environment.place, environment.rows)
    assert again.requirements == environment.requirements


@pytest.fixture(scope="module")
def tracking(
    request: pytest.FixtureRequest, postgres: Cluster, s3: S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A PostgreSQL database, or a server on one; artifacts are on S3."""
    database = postgres.new_database()
    if request.param == "database":
        yield database
        return
    arguments = ["server", "--backend-store-uri", database, "--artifacts-destination", f"s3://{BUCKET}/server"]
    with running(arguments, tmp_path_factory.mktemp("server"), free_port(), **s3.environment) as server:
        yield server.url


@pytest.fixture(params=["folder", "git"])
def source(request: pytest.FixtureRequest, project: Path, tmp_path: Path) -> Iterator[tuple[str, str | None]]:
    """The address of the project, and its commit."""
    if request.param == "folder":
        yield str(project), None
        return
    repository = Repository(tmp_path / "served" / "wine")
    shutil.copytree(project, repository.folder / "sub")
    commit = repository.commit()
    with git_server(tmp_path / "served") as served:
        yield f"{served.url}/wine#sub", commit


SLOW = pytest.mark.skipif(not SOAK, reason="pip takes minutes for so many packages: `make soak` does it")


@pytest.mark.parametrize("tracking", ["database", "server"], indirect=True)
@pytest.mark.parametrize("manager", [None, "local", pytest.param("virtualenv", marks=SLOW)])
def test_it_runs(
    tracking: str, manager: str | None, source: tuple[str, str | None], s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (s3.environment | {"MLYARD_TRACKING_URI": tracking}).items():
        monkeypatch.setenv(name, value)
    address, commit = source
    name = f"wine {manager} {commit}"
    mlyard.create_experiment(name, artifact_location=f"s3://{BUCKET}/wine")
    done = mlyard.projects.run(address, parameters=PARAMETERS, experiment_name=name, env_manager=manager)
    run = mlyard.get_run(done.run_id)
    assert (run.info.status, run.data.params) == ("FINISHED", {key: str(value) for key, value in PARAMETERS.items()})
    assert run.data.metrics == pytest.approx(METRICS, rel=1e-12)
    assert run.info.artifact_uri.startswith(f"s3://{BUCKET}/wine/")
    tags = {key: run.data.tags.get(key) for key in ("mlflow.source.name", "mlflow.source.git.commit")}
    assert tags == {"mlflow.source.name": address, "mlflow.source.git.commit": commit}
    check_artifacts(done.run_id, manager)


def check_artifacts(run_id: str, manager: str | None) -> None:
    client = mlyard.MlflowClient()
    kept = {file.path.removeprefix("project/") for file in client.list_artifacts(run_id, "project")}
    assert kept == ({"output.log"} if manager == "local" else {"output.log", "environment.txt", "requirements.txt"})
    if manager != "local":
        requirements = mlyard.artifacts.load_text(f"runs:/{run_id}/project/requirements.txt").split()
        table = mlyard.artifacts.load_text(f"runs:/{run_id}/project/environment.txt")
        printed = mlyard.artifacts.load_text(f"runs:/{run_id}/project/output.log")
        (sklearn,) = (line for line in requirements if line.startswith("scikit-learn=="))
        assert sklearn in table
        assert f"{sklearn.replace('==', ' ')} for mlflow {MLFLOW_VERSION}" in printed
    # A model of scikit-learn 1.1 cannot be loaded by the version of this process.
    model = {file.path for file in client.list_artifacts(run_id, "model")}
    assert "model/MLmodel" in model


def test_a_strict_environment_is_refused_with_the_table(environment: PreparedProject, project: Path) -> None:
    with pytest.raises(InvalidParameter) as refused:
        mlyard.projects.run(str(project), parameters=PARAMETERS, strict_env=True)
    assert [line for line in environment.table.splitlines()[:-1] if line not in refused.value.message] == []
    assert "--strict-env" in refused.value.message
    (run,) = mlyard.search_runs(output_format="list")
    assert run.info.status == "FAILED"
    assert "attrs=19.3.0" in run.data.tags["mlyard.project.failure"]


def test_a_strict_environment_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").write_text("dependencies: [zlib=1.2]")
    before = listed()
    with pytest.raises(InvalidParameter, match=r"left out +not a Python package"):
        prepare_project(tmp_path, wanted(tmp_path), strict=True)
    assert listed() == before


def test_mlflow_itself_needs_a_server(project: Path) -> None:
    with pytest.raises(InvalidParameter, match="--keep-mlflow needs a tracking server"):
        mlyard.projects.run(str(project), parameters=PARAMETERS, keep_mlflow=True)
