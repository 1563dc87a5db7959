"""The command line of a project in a container."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from mlyard.core.errors import InvalidParameter
from mlyard.envs.containers import DockerEnv, read_docker_env, run_command


@pytest.fixture
def podman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "podman").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return str(tmp_path / "podman")


def test_the_command_line(podman: str) -> None:
    content = {
        "image": "team/train:1.0",
        "volumes": ["/data:/data:ro", "./cache:/cache"],
        "environment": [["MODE", "a b; c"], "HOME_TOKEN"],
    }
    variables = {
        "MLYARD_TRACKING_URI": "http://127.0.0.1:5000",
        "MLYARD_RUN_ID": "0" * 32,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "PATH": "/bin",
        "PYTHONPATH": "/x",
    }
    command = run_command(read_docker_env(content), Path("/work"), ["python", "train.py", "$(id)"], variables)
    assert command == [
        podman, "run", "--rm", "--init", "--workdir", "/mlflow/projects/code",
        "--volume", "/work:/mlflow/projects/code", "--volume", "/data:/data:ro", "--volume", "./cache:/cache",
        "--env", "AWS_SECRET_ACCESS_KEY", "--env", "MLYARD_RUN_ID", "--env", "MLYARD_TRACKING_URI",
        "--env", "MODE=a b; c", "--env", "HOME_TOKEN", "--network=host",
        "--", "team/train:1.0", "python", "train.py", "$(id)",
    ]  # fmt: skip
    assert "secret" not in " ".join(command)


@pytest.mark.parametrize(
    ("uri", "mounted"),
    [
        ("sqlite:////data/runs/mlyard.db", "/data/runs"),
        ("/data/runs", "/data/runs"),
        ("file:///data/runs", "/data/runs"),
        ("postgresql://localhost/runs", None),
        ("https://example.org", None),
    ],
)
def test_local_folders_are_mounted_where_they_are(podman: str, uri: str, mounted: str | None) -> None:
    command = run_command(DockerEnv(image="i"), Path("/w"), [], {"MLYARD_TRACKING_URI": uri})
    mounts = [after for before, after in itertools.pairwise(command) if before == "--volume"]
    assert mounts[1:] == ([f"{mounted}:{mounted}"] if mounted else [])


def test_options_of_the_engine(podman: str) -> None:
    arguments: dict[str, str | bool] = {"gpus": "all", "t": True, "m": "2g", "privileged": False}
    command = run_command(DockerEnv(image="i"), Path("/w"), [], {}, arguments)
    assert command[-6:] == ["--gpus=all", "-t", "-m", "2g", "--", "i"]
    for name in ("-v", "--volume", "gpus all", "g=x", ""):
        with pytest.raises(InvalidParameter, match="Invalid option"):
            run_command(DockerEnv(image="i"), Path("/w"), [], {}, {name: "x"})


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
    assert ("--network=host" in run_command(DockerEnv(image="i"), Path("/w"), [], variables)) == is_host
    own = run_command(DockerEnv(image="i"), Path("/w"), [], variables, {"network": "mine"})
    assert [part for part in own if "network" in part] == ["--network=mine"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "needs an 'image'"),
        ({}, "needs an 'image'"),
        ({"image": "--privileged"}, "not a valid name"),
        ({"image": "x; touch /tmp/pwn"}, "not a valid name"),
        ({"image": "x\nRUN y"}, "not a valid name"),
        ({"image": "x", "privileged": True}, "unknown key 'privileged'"),
        ({"image": "x", "volumes": "/a:/b"}, "must be a list"),
        ({"image": "x", "volumes": ["/a"]}, "lists the volume"),
        ({"image": "x", "volumes": ["/a:/b:ro;id"]}, "must be words"),
        ({"image": "x", "volumes": ["-v:/b"]}, "lists the volume"),
        ({"image": "x", "volumes": ["$(id):/b"]}, "lists the volume"),
        ({"image": "x", "environment": ["A=b c"]}, "lists the variable"),
        ({"image": "x", "environment": [["--env", "x"]]}, "lists the variable"),
        ({"image": "x", "environment": [["A", "b", "c"]]}, "lists the variable"),
    ],
)
def test_what_is_refused(content: Any, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        read_docker_env(content)


def test_without_an_engine_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidParameter, match=r"docker or podman.*--env-manager local"):
        run_command(DockerEnv(image="i"), Path("/w"), [], {})
