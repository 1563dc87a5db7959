"""Projects in containers: with a stand-in for podman, and with podman itself in `make soak`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import InvalidParameter, ProjectFailed
from tests.conftest import ROOT, SOAK, until

IMAGE = "localhost/mlyard-tests:1"
# It notes what it is asked for, and runs a container's command on this machine, in the folder that is mounted.
STAND_IN = """#!{python}
import os, sys
from pathlib import Path
here, (verb, *rest) = Path(__file__).parent, sys.argv[1:]
with (here / "calls").open("a") as calls:
    print(verb, *rest, file=calls)
if verb == "image" and rest[-1] != "{image}":
    sys.exit(1)
if verb == "pull":
    sys.exit("Error: manifest unknown")
if verb == "run":
    command = rest[rest.index("--") + 2 :]
    os.chdir(next(value for value in rest if value.endswith(":/mlflow/projects/code")).partition(":")[0])
    os.execvp(command[0], command)
"""


@pytest.fixture
def podman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Installs the stand-in; returns what gives its calls so far."""
    folder = tmp_path / "bin"
    folder.mkdir()
    tool = folder / "podman"
    tool.write_text(STAND_IN.format(python=sys.executable, image=IMAGE))
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{Path(sys.executable).parent}:/usr/bin:/bin")
    monkeypatch.setenv("MLYARD_CONTAINER_ENGINE", "podman")
    return lambda: (folder / "calls").read_text().splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., str]:
    def make(command: str, image: str = IMAGE, parameters: str = "{}") -> str:
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        point = f"{{main: {{parameters: {parameters}, command: '{command}'}}}}"
        (folder / "MLproject").write_text(f"docker_env: {{image: '{image}'}}\nentry_points: {point}\n")
        return str(folder)

    return make


def test_a_run_in_a_container(podman: Callable[[], list[str]], project: Callable[..., str], tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("one,two")
    folder = project("cat {data}", parameters="{data: path}")
    done = mlyard.projects.run(folder, parameters={"data": str(data)}, docker_args={"gpus": "all", "t": True})
    assert mlyard.artifacts.load_text(f"runs:/{done.run_id}/project/output.log") == "one,two"
    assert mlyard.get_run(done.run_id).data.tags["mlflow.docker.image.uri"] == IMAGE
    inspected, run = podman()
    assert inspected == f"image inspect -- {IMAGE}"
    assert f"--name mlyard-{done.run_id} " in run
    assert f"--volume {data}:{data}:ro " in run
    assert f"--gpus=all -t -- {IMAGE} bash -c " in run


def test_a_container_that_does_not_end_by_itself_is_removed(
    podman: Callable[[], list[str]], project: Callable[..., str]
) -> None:
    submitted = mlyard.projects.run(project("echo started; sleep 1000"), synchronous=False)
    until(lambda: any(call.startswith("run ") for call in podman()))
    submitted.cancel()
    assert submitted.get_status() == "KILLED"
    assert podman()[-1] == f"rm --force -- mlyard-{submitted.run_id}"


def test_a_command_that_fails(podman: Callable[[], list[str]], project: Callable[..., str]) -> None:
    with pytest.raises(ProjectFailed, match="exited with status 3"):
        mlyard.projects.run(project("exit 3"))


def test_an_image_that_is_not_there(podman: Callable[[], list[str]], project: Callable[..., str]) -> None:
    reason = "podman cannot get the image 'team/none:1': Error: manifest unknown"
    with pytest.raises(InvalidParameter, match=reason):
        mlyard.projects.run(project("true", image="team/none:1"))
    (run,) = mlyard.search_runs(output_format="list")
    assert (run.info.status, run.data.tags["mlyard.project.failure"]) == ("FAILED", reason)
    assert [call.split()[0] for call in podman()] == ["image", "pull"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"env_manager": "uv"}, "names a docker_env, which uv cannot make"),
        ({"env_manager": "local", "docker_args": {"gpus": "all"}}, "--docker-args and --build-image need"),
        ({"env_manager": "local", "build_image": True}, "--docker-args and --build-image need"),
        ({"strict_env": True}, "do not apply to a docker_env"),
        ({"keep_mlflow": True}, "do not apply to a docker_env"),
    ],
)
def test_options_that_do_not_go_together(project: Callable[..., str], options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        mlyard.projects.run(project("true"), **options)
    assert mlyard.search_runs(output_format="list") == []


def test_the_current_environment_in_place_of_the_container(project: Callable[..., str]) -> None:
    assert mlyard.projects.run(project("true"), env_manager="local").get_status() == "FINISHED"


TRAIN = """
import mlflow
with mlflow.start_run():
    mlflow.log_metric("rmse", 0.25)
    mlflow.log_text("from the container", "note.txt")
"""
CONFIGURATION = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image with Debian's Python and mlyard, from a root file system that debootstrap makes."""
    tools = ("podman", "debootstrap", "runc", "catatonit")
    missing = [name for name in tools if not shutil.which(name)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    root = tmp_path_factory.mktemp("root")
    (configuration := root.with_name("containers.conf")).write_text(CONFIGURATION)
    packages = "--include=python3,python-is-python3"
    mirror = "http://deb.debian.org/debian"
    subprocess.run(["debootstrap", "--variant=minbase", packages, "bookworm", root, mirror], check=True)
    site = root / "usr/lib/python3/dist-packages"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python-version=3.11", "--target", site, f"{ROOT}[models]"], check=True
    )
    shutil.copytree(ROOT / "src/mlyard/envs/alias_packages", site, dirs_exist_ok=True)
    with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE) as packed:
        subprocess.run(["podman", "import", "-", IMAGE], stdin=packed.stdout, check=True)
    return str(configuration)


@pytest.mark.skipif(not SOAK, reason="makes a Debian root file system, as root: `make soak` does it")
@pytest.mark.parametrize("build_image", [False, True])
def test_podman_itself(
    image: str, project: Callable[..., str], monkeypatch: pytest.MonkeyPatch, build_image: bool
) -> None:
    monkeypatch.setenv("CONTAINERS_CONF", image)
    monkeypatch.setenv("MLYARD_CONTAINER_ENGINE", "podman")
    folder = project("python train.py")
    Path(folder, "train.py").write_text(TRAIN)
    done = mlyard.projects.run(folder, build_image=build_image)
    assert mlyard.get_run(done.run_id).data.metrics == {"rmse": 0.25}
    assert mlyard.artifacts.load_text(f"runs:/{done.run_id}/note.txt") == "from the container"
    submitted = mlyard.projects.run(project("sleep 1000"), synchronous=False, build_image=build_image)
    name = ["podman", "ps", "--quiet", "--filter", f"name=mlyard-{submitted.run_id}"]
    until(lambda: subprocess.check_output(name))
    submitted.cancel()
    assert subprocess.check_output([*name, "--all"]) == b""
