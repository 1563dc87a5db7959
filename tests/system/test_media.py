"""Images, figures, tables and streams: ours read by MLflow, MLflow's read by us, and what no file is made of."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import mlyard
from mlyard import MlyardClient
from mlyard.core.errors import DoesNotExist, InvalidParameter
from tests.conftest import LiveServer, clean_environment

BOTH = """
import io, sys
import numpy as np
import {package} as mlflow
url, name, mode = sys.argv[1:]
mlflow.set_tracking_uri(url)
mlflow.set_experiment(name)
pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
if mode == "log":
    with mlflow.start_run() as run:
        mlflow.log_image(pixels, "plain.png")
        mlflow.log_image(pixels, key="camera/left", step=7, timestamp=5)
        mlflow.log_table({{"a": [1, 2], "b": ["x", None]}}, "t.json")
        mlflow.log_table({{"a": [3], "b": ["z"]}}, "t.json")
        mlflow.log_stream(io.BytesIO(b"stream"), "deep/stream.bin")
        mlflow.log_dict({{"k": [1]}}, "d.json")
        mlflow.log_dict([1, 2], "l.json")
        mlflow.log_text("text", "t.txt")
    print(run.info.run_id)
else:
    root = f"runs:/{{mode}}"
    assert np.array_equal(np.asarray(mlflow.artifacts.load_image(f"{{root}}/plain.png")), pixels)
    table = mlflow.load_table("t.json", extra_columns=["run_id"])
    assert table["a"].tolist() == [1, 2, 3] and table["b"].dropna().tolist() == ["x", "z"], table
    assert table["run_id"].tolist() == [mode] * 3
    assert mlflow.artifacts.load_text(f"{{root}}/deep/stream.bin") == "stream"
    assert mlflow.artifacts.load_dict(f"{{root}}/d.json") == {{"k": [1]}}
    assert mlflow.artifacts.load_dict(f"{{root}}/l.json") == [1, 2]
    names = [f.path for f in mlflow.artifacts.list_artifacts(run_id=mode, artifact_path="images")]
    print(sorted(names)[0], sorted(names)[1], sep="\\n")
"""
NAME = re.compile(r"images/camera~left\+step\+7\+timestamp\+5\+[0-9a-f-]{36}(\+compressed\.webp|\.png)")


def play(python: str, package: str, folder: Path, *arguments: str) -> list[str]:
    done = subprocess.run(
        [python, "-W", "ignore", "-c", BOTH.format(package=package), *arguments],
        cwd=folder,
        env=clean_environment(DO_NOT_TRACK="true"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.split()


@pytest.mark.parametrize("writer", ["mlyard", "mlflow"])
def test_each_reads_what_the_other_logged(server: LiveServer, tmp_path: Path, mlflow_python: str, writer: str) -> None:
    pythons = {"mlyard": sys.executable, "mlflow": mlflow_python}
    reader = next(name for name in pythons if name != writer)
    name = f"media-{writer}-{os.urandom(4).hex()}"
    run_id = play(pythons[writer], writer, tmp_path, server.url, name, "log")[-1]
    names = play(pythons[reader], reader, tmp_path, server.url, name, run_id)[-2:]
    assert all(NAME.fullmatch(each) for each in names), names
    tags = MlyardClient(server.url).get_run(run_id).data.tags
    assert tags["mlflow.loggedImages"] == "True"
    assert tags["mlflow.loggedArtifacts"] == '[{"path": "t.json", "type": "table"}]'


@pytest.fixture
def client(tmp_path: Path) -> MlyardClient:
    return MlyardClient(f"sqlite:///{tmp_path / 'mlyard.db'}")


@pytest.fixture
def run_id(client: MlyardClient) -> str:
    return client.create_run("0").info.run_id


def loaded(client: MlyardClient, run_id: str, path: str) -> Any:
    return np.asarray(Image.open(client.download_artifacts(run_id, path)))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[True, False]]), [[255, 0]]),
        (np.array([[0.0, 1.0]]), [[0, 255]]),
        (np.array([[0, 7]], dtype=np.int64), [[0, 7]]),
        (np.array([[[1, 2, 3]]], dtype=np.uint8), [[[1, 2, 3]]]),
        (np.array([[[1, 2, 3, 4]]], dtype=np.uint8), [[[1, 2, 3, 4]]]),
        (np.array([[[9], [8]]], dtype=np.uint16), [[9, 8]]),
    ],
)
def test_arrays_are_images(client: MlyardClient, run_id: str, array: Any, expected: list[Any]) -> None:
    client.log_image(run_id, array, "a.png")
    assert loaded(client, run_id, "a.png").tolist() == expected
    client.log_image(run_id, Image.fromarray(np.zeros((4, 8), np.uint8)), "deep/b.jpg")
    assert loaded(client, run_id, "deep/b.jpg").shape == (4, 8)


@pytest.mark.parametrize(
    "array",
    [np.zeros(4), np.zeros((2, 2, 2)), np.array([[1.5]]), np.array([[256]]), np.array([[-1]]), np.zeros((0, 4)), "x"],
)
def test_what_is_no_image(client: MlyardClient, run_id: str, array: Any) -> None:
    with pytest.raises(InvalidParameter):
        client.log_image(run_id, array, "a.png")
    assert client.list_artifacts(run_id) == []


def test_images_are_named_or_keyed(client: MlyardClient, run_id: str) -> None:
    pixels = np.zeros((2, 2), np.uint8)
    with pytest.raises(InvalidParameter, match="exactly one"):
        client.log_image(run_id, pixels)
    with pytest.raises(InvalidParameter, match="exactly one"):
        client.log_image(run_id, pixels, "a.png", key="k")
    with pytest.raises(InvalidParameter, match="image key"):
        client.log_image(run_id, pixels, key="a+b")
    with pytest.raises(InvalidParameter, match=r"\.xyz"):
        client.log_image(run_id, pixels, "a.xyz")
    assert client.list_artifacts(run_id) == []


def test_a_figure(client: MlyardClient, run_id: str) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([1, 2])
    client.log_figure(run_id, figure, "plots/a.png", save_kwargs={"dpi": 50})
    assert loaded(client, run_id, "plots/a.png").shape[:2] == (50, 100)
    client.log_figure(run_id, figure, "a.svg")
    assert b"<svg" in Path(client.download_artifacts(run_id, "a.svg")).read_bytes()
    with pytest.raises(InvalidParameter, match="matplotlib and plotly"):
        client.log_figure(run_id, object(), "b.png")


def test_tables_with_pictures_and_of_other_shapes(client: MlyardClient, run_id: str) -> None:
    picture = Image.fromarray(np.zeros((2, 2), np.uint8))
    client.log_table(run_id, {"name": ["a"], "shot": [picture]}, "t.json")
    cell = client.load_table("0", "t.json")["shot"][0]
    assert cell["type"] == "image"
    assert loaded(client, run_id, cell["filepath"]).shape == (2, 2)
    client.log_table(run_id, {"one": 1, "two": "b"}, "scalars.json")
    client.log_table(run_id, pd.DataFrame({"one": [2], "two": ["c"]}), "scalars.json")
    assert client.load_table("0", "scalars.json").to_dict("list") == {"one": [1, 2], "two": ["b", "c"]}
    for data, path in (([1], "a.json"), ({"a": [1], "b": [1, 2]}, "a.json"), ({"a": [1]}, "a.csv")):
        with pytest.raises(InvalidParameter):
            client.log_table(run_id, data, path)
    with pytest.raises(DoesNotExist, match=r"none\.json"):
        client.load_table("0", "none.json")
    with pytest.raises(InvalidParameter, match="no attribute"):
        client.load_table("0", "scalars.json", extra_columns=["nothing"])


def test_a_stream_of_text_is_refused(client: MlyardClient, run_id: str) -> None:
    with pytest.raises(InvalidParameter, match="binary"):
        client.log_stream(run_id, io.StringIO("text"), "a.txt")  # type: ignore[arg-type]
    assert client.list_artifacts(run_id) == []


def test_the_command_line(server: LiveServer, tmp_path: Path) -> None:
    client = MlyardClient(server.url)
    run = client.create_run("0").info.run_id
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/a.txt").write_text("a")
    (tmp_path / "b.txt").write_text("b")

    def mlyard_(*arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mlyard", "artifacts", *arguments],
            cwd=tmp_path,
            env=clean_environment(MLYARD_TRACKING_URI=server.url),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stdout

    mlyard_("log-artifact", "-l", "b.txt", "-r", run, "-a", "deep")
    mlyard_("log-artifacts", "-l", "tree", "-r", run)
    mlyard_("log", "-r", run, "b.txt", "tree")
    assert '"path": "deep/b.txt",\n    "is_dir": false,\n    "file_size": 1' in mlyard_("list", "-r", run, "-a", "deep")
    place = mlyard_("download", "-r", run, "-a", "deep", "-d", "back").strip()
    assert (tmp_path / place / "b.txt").read_text() == "b"
    assert mlyard_("download", "-u", f"runs:/{run}/a.txt").strip().endswith("a.txt")
    assert mlyard_("verify", "-r", run) == "3 artifacts: 3 ok, 0 changed, 0 missing, 0 unlisted\n"
    client._artifacts_of(run)[1].put("a.txt", b"c")
    assert mlyard_("verify", "-r", run, status=1).splitlines()[0] == "changed   a.txt"
    mlyard_("delete", "-r", run, "-a", "a.txt")
    assert mlyard_("verify", "-r", run).startswith("2 artifacts: 2 ok")
    assert mlyard.artifacts.load_text(str(tmp_path / place / "b.txt")) == "b"
