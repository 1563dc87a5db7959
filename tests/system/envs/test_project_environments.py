"""Environments of projects: made from their files, once, and with mlyard under the name of MLflow."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import mlyard
from mlyard.core.errors import InvalidParameter
from mlyard.core.version import MLFLOW_VERSION
from mlyard.envs import python, uv
from mlyard.envs.cache import listed
from mlyard.envs.project import CONDA_ENV, PYTHON_ENV, UV_ENV, PreparedProject, Wanted, prepare_project
from tests.conftest import SOAK, LiveServer, clean_environment, until


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("envs")


@pytest.fixture(autouse=True)
def _root(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_ENV_ROOT", str(root))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def conda(project: Path, text: str = "dependencies: []") -> Wanted:
    (project / "conda.yaml").write_text(text)
    return Wanted(kind=CONDA_ENV, file=project / "conda.yaml")


def got(prepared: PreparedProject) -> dict[str, tuple[str | None, str]]:
    return {row.asked.split("=")[0]: (row.got, row.why) for row in prepared.rows}


def test_a_run_in_the_current_environment_makes_none(project: Path) -> None:
    (project / "conda.yaml").write_text("dependencies: [no-such-package=1.0]")
    (project / "where.py").write_text("import sys, mlflow, mlyard; assert mlflow.sklearn is mlyard.sklearn")
    before = listed()
    done = mlyard.projects.run(str(project), "where.py", env_manager="local")
    assert (done.get_status(), listed()) == ("FINISHED", before)


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


@pytest.mark.skipif(not SOAK, reason="installs MLflow: `make soak` does it")
def test_mlflow_itself_logs_to_a_server(project: Path, server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_TRACKING_URI", server.url)
    conda(project, f"dependencies: [python=3.11, {{pip: [mlflow-skinny=={MLFLOW_VERSION}]}}]")
    (project / "train.py").write_text(
        "import importlib.util, mlflow\n"
        "assert importlib.util.find_spec('mlyard') is None\n"
        "mlflow.log_param('real', mlflow.__version__)\n"
    )
    done = mlyard.projects.run(str(project), "train.py", keep_mlflow=True)
    assert mlyard.get_run(done.run_id).data.params == {"real": MLFLOW_VERSION}


# It notes its arguments and the file, and makes an environment whose Python notes its own arguments.
CONDA = """#!/bin/bash
cd "$(dirname "$0")"
echo "$@" >> calls
while [ $# -gt 0 ]; do
  case "$1" in --prefix) prefix=$2 ;; --file) file=$2 ;; esac
  shift
done
cat "$file" > conda.yaml
mkdir -p "$prefix/bin" "$prefix/conda-meta" "$prefix/lib/python3.11/site-packages"
printf '#!/bin/bash\necho "$@" >> %s\n' "$PWD/calls" > "$prefix/bin/python"
chmod +x "$prefix/bin/python"
"""


@pytest.mark.parametrize(
    ("name", "create"),
    [("conda", "env create --quiet"), ("mamba", "env create --quiet"), ("micromamba", "create --yes")],
)
def test_what_conda_is_asked_for(
    name: str, create: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a stand-in: no channel of conda's can be reached in the tests."""
    home = tmp_path / "conda"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / name).write_text(CONDA)
    (home / "bin" / name).chmod(0o755)
    monkeypatch.setenv("MLYARD_CONDA_HOME", str(home))
    monkeypatch.setenv("MLYARD_ENV_ROOT", str(tmp_path / "envs"))
    text = "channels: [defaults]\ndependencies: [python=3.11, zlib=1.2.11=h1de35cc_3, mlflow=1.8.0, {pip: [idna==3.4]}]"
    prepared = prepare_project(project, conda(project, text), "conda")
    assert prepared.place
    made, *installed = (home / "bin" / "calls").read_text().splitlines()
    assert made.startswith(f"{create} --prefix {prepared.place} --file ")
    asked = yaml.safe_load((home / "bin" / "conda.yaml").read_text())
    assert asked == {"channels": ["defaults"], "dependencies": ["python=3.11", "zlib=1.2.11=h1de35cc_3", "pip"]}
    assert [line.split()[:3] for line in installed] == [["-m", "pip", "install"]]
    assert prepared.variables["CONDA_PREFIX"] == str(prepared.place)
    assert (prepared.place / "lib" / "python3.11" / "site-packages" / "mlflow").is_dir()


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
