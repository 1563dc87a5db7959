"""Models on Ray and Spark: real clusters of this machine, in an environment of their own (`tools/engines`)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import urllib3
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard.batch.score import ScoringJob, score
from mlyard.core.errors import MlyardError
from mlyard.core.lazy import MissingExtra
from mlyard.models import infer_signature
from mlyard.scoring.on_ray import serve_on_ray
from tests.conftest import ROOT, SOAK, START_SECONDS, clean_environment, fetch, free_port

FRAME = pd.DataFrame({"b": np.arange(3_000) * 0.5, "a": np.arange(3_000) + 0.25})
MODEL = LinearRegression().fit(FRAME[["a", "b"]].sample(50, random_state=1), np.arange(50.0))
EXPECTED = MODEL.predict(FRAME[["a", "b"]])
FAILS = """
from mlyard.models import set_model

def predict(model_input):
    if model_input["a"].max() > 2000:
        raise KeyError("a row that it cannot take")
    return [None if b > 100 else b for b in model_input["b"]]

set_model(predict)
"""
clusters = pytest.mark.skipif(not SOAK, reason="starts clusters in an environment of 1.3 GB: `make soak` does it")


@pytest.fixture(scope="module")
def engines() -> str:
    python = Path(os.environ.get("TEST_ENGINES_PYTHON", ROOT / ".cache/engines/bin/python"))
    assert python.exists(), f"{python} is missing: run tools/engines"
    return str(python)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a signature, one without, one that fails; and rows."""
    place = tmp_path_factory.mktemp("engines")
    example = FRAME[["a", "b"]].head(3)
    signature = infer_signature(example, MODEL.predict(example))
    mlyard.sklearn.save_model(MODEL, place / "m", signature=signature, pip_requirements=[])
    mlyard.sklearn.save_model(MODEL, place / "plain", pip_requirements=[])
    (place / "fails.py").write_text(FAILS)
    mlyard.pyfunc.save_model(place / "fails", python_model=place / "fails.py", pip_requirements=[])
    FRAME.to_csv(place / "in.csv", index=False)
    return place


def environment(**extra: str) -> dict[str, str]:
    return clean_environment(RAY_DEDUP_LOGS="0", SPARK_LOCAL_IP="127.0.0.1", PYTHONWARNINGS="ignore", **extra)


def predict(engines: str, engine: str, model: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [engines, "-m", "mlyard", "models", "predict", "-m", str(model), "--env-manager", "local", "--engine", engine,
         "--chunk-rows", "170", *options],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


@clusters
@pytest.mark.parametrize("engine", ["ray", "spark"])
def test_a_cluster_answers_as_one_process_does(engine: str, engines: str, folder: Path, tmp_path: Path) -> None:
    source = folder / "in.csv"
    done = predict(engines, engine, folder / "m", "-i", str(source), "-o", str(tmp_path / "theirs"))
    assert done.returncode == 0, done.stderr
    score(folder / "m", ScoringJob(source=source, target=tmp_path / "ours", chunk_rows=170))
    assert (tmp_path / "theirs").read_bytes() == (tmp_path / "ours").read_bytes()
    assert np.allclose(json.loads((tmp_path / "ours").read_text())["predictions"], EXPECTED)


@clusters
@pytest.mark.parametrize("engine", ["ray", "spark"])
def test_a_model_that_fails_on_a_cluster_leaves_no_output(
    engine: str, engines: str, folder: Path, tmp_path: Path
) -> None:
    source = str(folder / "in.csv")
    done = predict(engines, engine, folder / "fails", "-i", source, "-o", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "mlyard: The model failed on chunk 12 of the input: KeyError" in done.stderr
    assert "a row that it cannot take" in done.stderr
    assert list(tmp_path.iterdir()) == []


UDF = """
import json, sys
import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql.functions import struct
import mlyard
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
folder = sys.argv[1]
frame = spark.createDataFrame(pd.read_csv(f"{folder}/in.csv"))
typed = mlyard.pyfunc.spark_udf(spark, f"{folder}/m")
plain = mlyard.pyfunc.spark_udf(spark, f"{folder}/plain", result_type="float")
texts = mlyard.pyfunc.spark_udf(spark, f"{folder}/m", result_type="string")
lists = mlyard.pyfunc.spark_udf(spark, f"{folder}/m", result_type="array<double>")
found = frame.select(
    typed().alias("by_signature"), typed("a", "b").alias("by_order"), typed(struct("b", "a")).alias("by_struct"),
    plain(struct("b", "a")).alias("floats"), texts("a", "b").alias("texts"), lists("a", "b").alias("lists"),
)
rows = found.toPandas()
print(json.dumps({"types": dict(found.dtypes), **{name: rows[name].map(list).tolist() if name == "lists"
      else rows[name].tolist() for name in rows}}))
"""


@clusters
def test_a_function_of_spark_columns(engines: str, folder: Path) -> None:
    done = subprocess.run(
        [engines, "-c", UDF, str(folder)],
        env=environment(PYSPARK_PYTHON=engines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("types") == {
        "by_signature": "double", "by_order": "double", "by_struct": "double", "floats": "float", "texts": "string",
        "lists": "array<double>",
    }  # fmt: skip
    for name in ("by_signature", "by_order", "by_struct"):
        assert np.allclose(found[name], EXPECTED), name
    assert np.allclose(found["floats"], EXPECTED, rtol=1e-5, atol=1e-4)
    assert np.allclose([float(text) for text in found["texts"]], EXPECTED)
    assert np.allclose([row[0] for row in found["lists"]], EXPECTED)


SERVE = "import sys; from mlyard.scoring.on_ray import serve_on_ray; serve_on_ray(sys.argv[1], port=int(sys.argv[2]))"


@pytest.fixture
def ray_served(engines: str, folder: Path, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [engines, "-c", SERVE, str(folder / "m"), str(port)], env=environment(), stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    pool = urllib3.PoolManager(
        retries=urllib3.Retry(300, backoff_factor=0.5, backoff_max=1, status_forcelist=[404, 503])
    )
    try:
        assert pool.request("GET", f"{url}/ping").status == 200, (tmp_path / "log").read_text()
        yield url, process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@clusters
def test_ray_serve_answers_as_the_scoring_server_does(
    ray_served: tuple[str, subprocess.Popen[bytes]], folder: Path
) -> None:
    url, process = ray_served
    body = {"dataframe_split": {"columns": ["b", "a"], "data": FRAME.head(5).to_numpy().tolist()}}
    answer = fetch("POST", f"{url}/invocations", json=body)
    assert np.allclose(answer.json()["predictions"], EXPECTED[:5])
    wrong = fetch("POST", f"{url}/invocations", json={"dataframe_records": [{"b": 1}]})
    assert wrong.status == 400
    assert "a" in wrong.json()["message"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(START_SECONDS) == 0


def test_what_is_missing_is_said(folder: Path, tmp_path: Path) -> None:
    for engine in ("ray", "spark"):
        with pytest.raises(MissingExtra, match=rf"pip install 'mlyard\[{engine}\]'"):
            score(folder / "m", ScoringJob(source=folder / "in.csv", target=tmp_path / "out"), engine=engine)
    with pytest.raises(MissingExtra, match=r"mlyard\[ray\]"):
        serve_on_ray(str(folder / "m"), port=free_port())
    with pytest.raises(MissingExtra, match=r"mlyard\[spark\]"):
        mlyard.pyfunc.spark_udf(None, folder / "m")
    with pytest.raises(MlyardError, match="'dask' is not supported"):
        score(folder / "m", ScoringJob(source=folder / "in.csv", target=tmp_path / "out"), engine="dask")
    assert list(tmp_path.iterdir()) == []
