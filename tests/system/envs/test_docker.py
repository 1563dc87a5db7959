"""Images: what their Dockerfile says, its steps done on this machine, and names that are refused."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard.core.errors import InvalidParameter
from mlyard.envs import uv
from mlyard.envs.images import Image, build_command, check_image_name
from mlyard.models.environment import write_image
from tests.conftest import SOAK, await_answer, clean_environment, end, fetch, free_port

GOOD = [
    "model", "team/model:1.0", "registry.example.org:5000/team/model", "a__b/c-d.e", "python:3.11-slim",
    f"model@sha256:{'0' * 64}",
]  # fmt: skip
BAD = [
    "", "Model", "-t", "--privileged", "model; touch x", "model\nRUN touch x", "model\n", "$(id)", "`id`", "a b",
    "a//b", "model:", "model:-x", "../model", "a" * 256, "model@sha256:0", "модель",
]  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "m"
    mlyard.sklearn.save_model(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]), folder)
    return folder


@pytest.fixture(scope="module")
def context(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image") / "context"
    write_image(str(model), folder, Image())
    return folder


def steps(folder: Path) -> dict[str, list[str]]:
    """The Dockerfile as a parser of others reads it: values by instruction."""
    found: dict[str, list[str]] = {}
    parser = DockerfileParser(path=str(folder), cache_content=True)
    for step in parser.structure:
        found.setdefault(step["instruction"], []).append(step["value"])
    return found


@pytest.mark.parametrize("name", GOOD)
def test_names_that_are_taken(name: str) -> None:
    assert check_image_name(name) == name


@pytest.mark.parametrize("name", BAD)
def test_names_that_are_refused(name: str, model: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="not a valid name for an image"):
        build_command(tmp_path, name)
    if name:
        with pytest.raises(InvalidParameter, match="not a valid name for a base image"):
            write_image(str(model), tmp_path / "context", Image(base=name))
        assert not (tmp_path / "context").exists()


def test_the_dockerfile(context: Path) -> None:
    found = steps(context)
    assert found["FROM"] == [f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"]
    for instruction in ("RUN", "ENTRYPOINT"):
        for value in found[instruction]:
            assert all(isinstance(part, str) for part in json.loads(value)), "a list of arguments, no shell"
    assert found["COPY"] == ["install/ /opt/install/", "model/ /opt/ml/model/"]
    assert found["USER"] == ["10001"]
    assert found["EXPOSE"] == ["8080"]
    assert re.fullmatch(r"(--[a-z-]+=\d+s )+CMD \[.*\]", found["HEALTHCHECK"][0])
    lines = (context / "install" / "requirements.txt").read_text().splitlines()
    assert lines[0].startswith("./mlyard-")
    assert set((context / "model" / "requirements.txt").read_text().splitlines()) <= set(lines)


def test_a_linter_of_dockerfiles_has_nothing_to_say(context: Path) -> None:
    # Meant: the newest uv (DL3013), and steps apart so that no shell joins them (DL3059).
    linter = [Path(sys.executable).parent / "hadolint", "--ignore", "DL3013", "--ignore", "DL3059"]
    done = subprocess.run([*linter, context / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_model_that_asks_for_what_is_refused_makes_no_image(model: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(model, tmp_path / "m")
    (tmp_path / "m" / "requirements.txt").write_text("x; touch /tmp/pwn\n")
    with pytest.raises(InvalidParameter, match="is refused"):
        write_image(str(tmp_path / "m"), tmp_path / "context", Image())
    assert not (tmp_path / "context").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("keep")
    with pytest.raises(InvalidParameter, match="not empty"):
        write_image(str(model), tmp_path / "full", Image())
    assert (tmp_path / "full" / "mine").read_text() == "keep"


def test_an_image_without_a_model_makes_the_environment_of_the_one_that_is_mounted(tmp_path: Path) -> None:
    write_image(None, tmp_path / "context", Image(workers=3))
    found = steps(tmp_path / "context")
    assert found["COPY"] == ["install/ /opt/install/"]
    assert json.loads(found["ENTRYPOINT"][0])[-4:] == ["--workers", "3", "--env-manager", "uv"]


def test_without_an_engine_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidParameter, match=r"Neither docker nor podman is installed.*generate-dockerfile"):
        build_command(tmp_path, "model")
    for engine in ("podman", "docker"):
        (tmp_path / engine).touch(mode=0o755)
        assert build_command(Path("context"), "team/model:1") == [
            str(tmp_path / engine), "build", "--tag", "team/model:1", "--file", "context/Dockerfile", "--", "context",
        ]  # fmt: skip


@contextmanager
def served(context: Path, place: Path) -> Iterator[tuple[str, list[str]]]:
    """What the image does, on this machine: its installation into ``place``, then its entry point."""
    found = steps(context)
    tool = uv.find()
    subprocess.run([tool, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    (install,) = (json.loads(value) for value in found["RUN"] if json.loads(value)[0] == "uv")
    install = [tool if part == "uv" else part for part in install if part not in ("--system", "--no-cache")]
    install.insert(3, f"--python={place}/bin/python")
    subprocess.run(install, cwd=context / "install", check=True, capture_output=True)
    port = str(free_port())
    here = {"/opt/ml/model": str(context / "model"), "0.0.0.0": "127.0.0.1", "8080": port}
    command = [here.get(part, part) for part in json.loads(found["ENTRYPOINT"][0])]
    environment = clean_environment(PATH=f"{place}/bin:{os.environ['PATH']}")
    process = subprocess.Popen([str(place / "bin" / command[0]), *command[1:]], cwd=place, env=environment)
    check = json.loads(found["HEALTHCHECK"][0].partition(" CMD ")[2])
    try:
        await_answer(process, f"http://127.0.0.1:{port}", "/ping")
        yield f"http://127.0.0.1:{port}", [str(place / "bin" / check[0]), *check[1:-1], check[-1].replace("8080", port)]
    finally:
        end(process)


@pytest.mark.skipif(not SOAK, reason="installs an environment with scikit-learn: half a minute; `make soak` does it")
def test_the_steps_of_the_image_serve_the_model(context: Path, tmp_path: Path) -> None:
    with served(context, tmp_path / "env") as (url, health):
        answer = fetch("POST", f"{url}/invocations", json={"inputs": [[3.0]]})
        assert answer.json() == {"predictions": [pytest.approx(6.0)]}
        assert subprocess.run(health, check=False).returncode == 0
    assert subprocess.run(health, check=False, capture_output=True).returncode == 1
