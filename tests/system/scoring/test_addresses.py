"""Models served by every kind of address, with the tutorial's request; nothing is left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import clean_environment, free_port, running
from tests.s3 import BUCKET, S3Server
from tests.system.scoring.conftest import Served

LOG = """
import mlyard as mlflow
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet
X, y = load_diabetes(return_X_y=True, as_frame=True)
mlflow.create_experiment('exp', artifact_location='s3://BUCKET')
mlflow.set_experiment('exp')
with mlflow.start_run() as run:
    model = ElasticNet(alpha=0.1).fit(X, y)
    mlflow.sklearn.log_model(model, 'model', registered_model_name='Diabetes')
print(run.info.run_id, model.predict(X.head(1))[0])
"""
COLUMNS = ["sex", "age", "bp", "bmi", "s6", "s5", "s4", "s3", "s2", "s1"]


@pytest.fixture(scope="module")
def logged(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, float]:
    """The folder with the database, the run whose model lies in S3, and the model's answer."""
    folder = tmp_path_factory.mktemp("logged")
    command = [sys.executable, "-c", LOG.replace("BUCKET", BUCKET)]
    done = subprocess.run(
        command, cwd=folder, env=clean_environment(**s3.environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    run_id, answer = done.stdout.split()[-2:]
    return folder, run_id, float(answer)


@pytest.mark.parametrize(
    ("uri", "workers"),
    [("s3://BUCKET/RUN/artifacts/model", "2"), ("runs:/RUN/model", "1"), ("models:/Diabetes/1", "2")],
)
def test_a_model_is_served_from_where_it_lies(
    logged: tuple[Path, str, float], s3: S3Server, tmp_path: Path, uri: str, workers: str
) -> None:
    from sklearn.datasets import load_diabetes

    folder, run_id, expected = logged
    address = uri.replace("BUCKET", BUCKET).replace("RUN", run_id)
    arguments = ["models", "serve", "-m", address, "--no-conda", "-w", workers]
    row = load_diabetes(as_frame=True).data[COLUMNS].head(1)
    body = {"columns": COLUMNS, "data": row.to_numpy().tolist()}
    with running(arguments, folder, free_port(), TMPDIR=str(tmp_path), **s3.environment) as live:
        # As the tutorial sends it: a form of MLflow 1, columns in another order than the model was trained with.
        status, answer = Served(live).ask(body, "application/json; format=pandas-split")
        assert (status, answer) == (200, [pytest.approx(expected)])
        assert live.stop() == 0
    assert list(tmp_path.iterdir()) == []
