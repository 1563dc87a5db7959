"""The command line of a project in a container."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest

from mlyard.core.errors import InvalidParameter
from mlyard.envs.containers import Container, DockerEnv, container_command, project_image, removal

# A stand-in: it notes its arguments, and knows the images that are named in the file `images`.
ENGINE = """#!/bin/bash
cd "$(dirname "$0")"
case "$1" in
  image) /bin/grep -qx -e "${@: -1}" images ;;
  pull) [ "${@: -1}" = "team/far:1" ] || { echo "Trying…" >&2; echo "Error: manifest unknown" >&2; exit 125; } ;;
  build) /bin/cat "$5" > dockerfile ;;
esac
status=$?
printf '%s\\0' "$@" >> calls; printf '\\n' >> calls
exit $status
"""


@pytest.fixture
def podman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "podman").write_text(ENGINE)
    (tmp_path / "podman").chmod(0o755)
    (tmp_path / "images").write_text("i\nteam/train:1.0\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    return str(tmp_path / "podman")


def calls(podman: str) -> list[list[str]]:
    lines = Path(podman).with_name("calls").read_text().splitlines()
    return [line.split("\0")[:-1] for line in lines]


def command_of(variables: Mapping[str, str], **options: object) -> list[str]:
    fields = {"name": "mlyard-1", "image": "i", "docker": DockerEnv(image="i"), "folder": Path("/w")}
    return container_command(Container(**{**fields, **options}), variables)  # type: ignore[arg-type] # fields by name


def test_the_command_line(podman: str) -> None:
    docker = DockerEnv(
        image="team/train:1.0",
        volumes=("/data:/data:ro", "./cache:/cache"),
        environment={"MODE": "a b; c", "HOME_TOKEN": None},
    )
    variables = {
        "MLYARD_TRACKING_URI": "http://127.0.0.1:5000",
        "MLYARD_RUN_ID": "0" * 32,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "PYTHONUNBUFFERED": "1",
        "PATH": "/bin",
        "PYTHONPATH": "/x",
    }
    command = command_of(
        variables, image=docker.image, docker=docker, folder=Path("/work"), paths=("/in/wine quality.csv",)
    )
    assert command == [
        podman, "run", "--rm", "--init", "--name", "mlyard-1", "--workdir", "/mlflow/projects/code",
        "--volume", "/work:/mlflow/projects/code", "--volume", "/data:/data:ro", "--volume", "./cache:/cache",
        "--volume", "/in/wine quality.csv:/in/wine quality.csv:ro",
        "--env", "AWS_SECRET_ACCESS_KEY", "--env", "MLYARD_RUN_ID", "--env", "MLYARD_TRACKING_URI",
        "--env", "PYTHONUNBUFFERED", "--env", "MODE=a b; c", "--env", "HOME_TOKEN", "--network=host",
        "--", "team/train:1.0",
    ]  # fmt: skip
    assert "secret" not in " ".join(command)
    assert removal("mlyard-1") == [podman, "rm", "--force", "--", "mlyard-1"]


def test_an_image_is_fetched_if_it_is_not_there(podman: str) -> None:
    command_of({})
    assert calls(podman) == [["image", "inspect", "--", "i"]]
    command_of({}, image="team/far:1")
    assert calls(podman)[1:] == [["image", "inspect", "--", "team/far:1"], ["pull", "--", "team/far:1"]]
    with pytest.raises(InvalidParameter, match=r"podman cannot get the image 'team/none:1': Error: manifest unknown"):
        command_of({}, image="team/none:1")


def test_an_image_with_the_project(podman: str) -> None:
    image = project_image("team/train:1.0", Path("/work"), "My Project!", "0123456789abcdef")
    assert image == "my-project:0123456"
    (call,) = calls(podman)
    assert call[:3] == ["build", "--tag", image]
    assert call[-2:] == ["--", "/work"]
    steps = Path(podman).with_name("dockerfile").read_text().splitlines()
    assert steps == ["FROM team/train:1.0", "COPY . /mlflow/projects/code", "WORKDIR /mlflow/projects/code"]
    assert "/mlflow/projects/code" not in [part for part in command_of({}, folder=None) if ":" in part]


def test_a_path_that_would_be_read_as_a_volume_with_options(podman: str) -> None:
    with pytest.raises(InvalidParameter, match="cannot be mounted"):
        command_of({}, paths=("/a:/etc",))


@pytest.mark.parametrize(
    ("uri", "is_mounted"),
    [
        ("sqlite:///{}/mlyard.db", True),
        ("{}", True),
        ("file://{}", True),
        ("postgresql://localhost/runs", False),
        ("https://example.org", False),
    ],
)
def test_local_folders_are_created_and_mounted_where_they_are(
    podman: str, tmp_path: Path, uri: str, is_mounted: bool
) -> None:
    folder = tmp_path / "data" / "runs"
    command = command_of({"MLYARD_TRACKING_URI": uri.format(folder)})
    mounts = [after for before, after in itertools.pairwise(command) if before == "--volume"]
    assert mounts[1:] == ([f"{folder}:{folder}"] if is_mounted else [])
    assert folder.is_dir() == is_mounted


def test_options_of_the_engine(podman: str) -> None:
    arguments: dict[str, str | bool] = {"gpus": "all", "t": True, "m": "2g", "privileged": False}
    command = command_of({}, arguments=arguments)
    assert command[-6:] == ["--gpus=all", "-t", "-m", "2g", "--", "i"]
    for name in ("-v", "--volume", "gpus all", "g=x", ""):
        with pytest.raises(InvalidParameter, match="Invalid option"):
            command_of({}, arguments={name: "x"})


@pytest.mark.parametrize(
    ("uri", "is_host"),
    [
        ("http://localhost:5000", True),
        ("postgresql+psycopg2://user:secret@127.0.0.1/runs", True),
        ("http://[::1]:5000/", True),
        ("http://localhost.example.org", False),
        ("https://example.org/localhost", False),
    ],
)
def test_a_server_on_this_machine_is_reached_by_its_network(podman: str, uri: str, is_host: bool) -> None:
    variables = {"MLYARD_TRACKING_URI": uri}
    assert ("--network=host" in command_of(variables)) == is_host
    own = command_of(variables, arguments={"network": "mine"})
    assert [part for part in own if "network" in part] == ["--network=mine"]


def test_without_an_engine_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidParameter, match=r"Neither docker nor podman is installed.*--env-manager local"):
        command_of({})


def test_the_engine_can_be_chosen(podman: str, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = Path(podman).with_name("docker")
    docker.write_text(ENGINE)
    docker.chmod(0o755)
    assert command_of({})[0] == str(docker)
    monkeypatch.setenv("MLYARD_CONTAINER_ENGINE", "podman")
    assert command_of({})[0] == podman
    monkeypatch.setenv("MLYARD_CONTAINER_ENGINE", "/bin/sh")
    with pytest.raises(InvalidParameter, match="MLYARD_CONTAINER_ENGINE is '/bin/sh': use docker or podman"):
        command_of({})
