"""The scoring servers that are compared: environments, models, requests, start and stop."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
from systems import HOST, ROOT, START_LIMIT, System, environment, free_port, stop

COLUMNS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
Rows = list[list[float]]
TRAIN = """
import sys, warnings
warnings.simplefilter("ignore")
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet
X, y = load_diabetes(return_X_y=True, as_frame=True)
model = ElasticNet(alpha=0.1).fit(X, y)
folder = sys.argv[1]
"""
SAVE_MLFLOW = """
import mlflow
options = {"serialization_format": "cloudpickle", "pip_requirements": ["scikit-learn"]}
mlflow.sklearn.save_model(model, folder + "/plain", **options)
mlflow.sklearn.save_model(model, folder + "/signed", signature=mlflow.models.infer_signature(X, y), **options)
"""
SAVE_BENTOML = '''
import pickle
pickle.dump(model, open(folder + "/model.pkl", "wb"))
open(folder + "/service.py", "w").write("""
import pickle
import bentoml
import numpy as np

@bentoml.service(workers=1)
class Elastic:
    def __init__(self):
        self.model = pickle.load(open("model.pkl", "rb"))
        del self.model.feature_names_in_  # or each call warns

    @bentoml.api(batchable=True)
    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.model.predict(rows)
""")
'''
SAVE_MLSERVER = """
import json, joblib
del model.feature_names_in_  # or each call warns
joblib.dump(model, folder + "/model.joblib")
json.dump({"name": "m", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "./model.joblib"}},
          open(folder + "/model-settings.json", "w"))
json.dump({"http_port": int(sys.argv[2]), "host": "127.0.0.1", "grpc_port": int(sys.argv[3]),
           "metrics_port": int(sys.argv[4]),
           "parallel_workers": 0},  # 0 scores in the server process: the workers fail with current versions of uvloop
          open(folder + "/settings.json", "w"))
"""


def split(rows: Rows) -> Any:
    return {"dataframe_split": {"columns": COLUMNS, "data": rows}}


def tensor(rows: Rows) -> Any:
    flat = [cell for row in rows for cell in row]
    return {"inputs": [{"name": "x", "shape": [len(rows), 10], "datatype": "FP64", "data": flat}]}


@dataclass(frozen=True)
class Scorer:
    """One server of one model. ``command`` makes its arguments from a folder and a port."""

    system: System
    model: str
    command: Callable[[Path, int], list[str]]
    path: str = "/invocations"
    body: Callable[[Rows], Any] = split
    predictions: Callable[[Any], list[float]] = lambda answer: answer["predictions"]

    @property
    def name(self) -> str:
        return f"{self.system.name} {self.model}".strip()


def _no_database(_: str, __: int) -> list[str]:
    raise NotImplementedError


MLYARD = System("scoring-mlyard", "mlyard", (f"{ROOT}[server,sklearn]",), "mlyard", _no_database)
MLFLOW = System("scoring-mlflow", "mlflow", ("mlflow==3.17.2",), "mlflow", _no_database)
BENTOML = System("scoring-bentoml", "bentoml", ("bentoml==1.4.40", "scikit-learn", "pandas"), "bentoml", _no_database)
MLSERVER = System(
    "scoring-mlserver", "mlserver", ("mlserver==1.7.1", "mlserver-sklearn==1.7.1", "pandas"), "mlserver", _no_database
)
SYSTEMS = (MLYARD, MLFLOW, BENTOML, MLSERVER)
SAVE = {MLFLOW: SAVE_MLFLOW, BENTOML: SAVE_BENTOML, MLSERVER: SAVE_MLSERVER}


def _serve(model: str, *more: str) -> Callable[[Path, int], list[str]]:
    def command(folder: Path, port: int) -> list[str]:
        return ["models", "serve", "-m", str(folder / model), "-h", HOST, "-p", str(port), *more]

    return command


SCORERS = (
    *(Scorer(MLYARD, model, _serve(model)) for model in ("plain", "signed")),
    *(Scorer(MLFLOW, model, _serve(model, "--env-manager", "local")) for model in ("plain", "signed")),
    Scorer(
        BENTOML,
        "",
        lambda _, port: ["serve", "service:Elastic", "--host", HOST, "--port", str(port)],
        "/predict",
        lambda rows: {"rows": rows},
        list,
    ),
    Scorer(
        MLSERVER,
        "",
        lambda folder, _: ["start", str(folder)],
        "/v2/models/m/infer",
        tensor,
        lambda answer: list(answer["outputs"][0]["data"]),
    ),
)


def save_models(system: System, folder: Path, port: int) -> None:
    """Train the model and save it in the system's own format. mlyard serves the files that MLflow saved."""
    ports = [str(number) for number in (port, free_port(), free_port())]
    command = [system.python, "-c", TRAIN + SAVE[system], str(folder), *ports]
    subprocess.run(command, check=True, env=environment(), cwd=folder, capture_output=True)


@dataclass(frozen=True)
class Running:
    """A server that has answered its first request."""

    scorer: Scorer
    url: str
    pid: int
    seconds: float


def ask(scorer: Scorer, port: int, rows: Rows) -> list[float]:
    """Request predictions. Raises urllib3's errors, and AssertionError for a status other than 200."""
    content = json.dumps(scorer.body(rows))
    headers = {"Content-Type": "application/json"}
    answer = urllib3.request("POST", f"http://{HOST}:{port}{scorer.path}", body=content, headers=headers, retries=False)
    assert answer.status == 200, answer.data[:500]
    return scorer.predictions(answer.json())


@contextmanager
def running(scorer: Scorer, folder: Path, port: int) -> Iterator[Running]:
    """Start the server and wait for its first prediction; stop it at the end."""
    program = scorer.system.executable()
    variables = {**environment(), "PATH": f"{Path(program).parent}:{environment()['PATH']}"}
    with (folder / f"{scorer.name}.log").open("wb") as log:
        start = time.perf_counter()
        process = subprocess.Popen(
            [program, *scorer.command(folder, port)],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        while True:
            try:
                ask(scorer, port, [[0.0] * 10])
                break
            except (urllib3.exceptions.HTTPError, AssertionError):
                if process.poll() is not None or time.perf_counter() - start > START_LIMIT:
                    text = (folder / f"{scorer.name}.log").read_text()[-3000:]
                    raise RuntimeError(f"{scorer.name} did not start:\n{text}") from None
                time.sleep(0.01)
        yield Running(scorer, f"http://{HOST}:{port}", process.pid, time.perf_counter() - start)
    finally:
        stop(process)
