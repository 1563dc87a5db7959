"""Served models: real ones, in processes of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cloudpickle
import msgspec
import pandas as pd
import pytest
import urllib3
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet

import mlyard
from mlyard.models import infer_signature
from tests.conftest import START_SECONDS, LiveServer, free_port, running
from tests.system.scoring import echo_models

DATA, TARGET = load_diabetes(return_X_y=True, as_frame=True)
COLUMNS = list(DATA.columns)
JSON = "application/json"
Answer = tuple[int, Any]


class Served:
    """A scoring server."""

    def __init__(self, live: LiveServer) -> None:
        self.live = live
        self.pool = urllib3.PoolManager(maxsize=64, retries=False, timeout=START_SECONDS)

    def ask(self, body: Any, kind: str | None = JSON, **headers: str) -> Answer:
        """POST /invocations: the status and the answer's JSON."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        sent = {**headers, **({"Content-Type": kind} if kind else {})}
        answer = self.pool.request("POST", f"{self.live.url}/invocations", body=content, headers=sent)
        return answer.status, msgspec.json.decode(answer.data)

    def predictions(self, body: Any, kind: str = JSON) -> Any:
        """The predictions of a request that must succeed."""
        status, answer = self.ask(body, kind)
        assert status == 200, answer
        return answer["predictions"]

    def metric(self, name: str) -> float:
        """One line of /metrics."""
        lines = self.live.get("/metrics").data.decode().splitlines()
        (value,) = (line.rpartition(" ")[2] for line in lines if line.rpartition(" ")[0] == name)
        return float(value)


@pytest.fixture(scope="session")
def diabetes() -> Any:
    """A model that knows its columns' names."""
    return ElasticNet(alpha=0.1).fit(DATA, TARGET)


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory, diabetes: Any) -> dict[str, Path]:
    """Saved models: with and without a signature, and one that answers oddly."""
    root = tmp_path_factory.mktemp("models")
    mlyard.sklearn.save_model(diabetes, root / "plain", pip_requirements=[])
    signature = infer_signature(DATA, TARGET)
    mlyard.sklearn.save_model(
        diabetes, root / "signed", signature=signature, input_example=DATA.head(1), pip_requirements=[]
    )
    cloudpickle.register_pickle_by_value(sys.modules[echo_models.__name__])
    mlyard.sklearn.save_model(echo_models.Odd(), root / "odd", serialization_format="cloudpickle", pip_requirements=[])
    return {folder.name: folder for folder in root.iterdir()}


@pytest.fixture(scope="module")
def serve(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Starts servers that end with the module's tests."""
    with ExitStack() as stack:

        def start(name: str, *options: str, **environment: str) -> Served:
            arguments = ["models", "serve", "-m", str(folders[name]), *options]
            live = running(arguments, tmp_path_factory.mktemp("serve"), free_port(), **environment)
            return Served(stack.enter_context(live))

        yield start


@pytest.fixture(scope="module", params=["plain", "signed"])
def served(request: pytest.FixtureRequest, serve: Callable[..., Served]) -> Served:
    """The model with and without a signature."""
    return serve(request.param)


@pytest.fixture(scope="module")
def odd(serve: Callable[..., Served]) -> Served:
    """The model that answers oddly."""
    return serve("odd")


@pytest.fixture(scope="module")
def hasty(serve: Callable[..., Served]) -> Served:
    """The same, with no more than two requests let in, for two seconds each."""
    return serve("odd", "--queue", "2", "--timeout", "2")


def split(frame: pd.DataFrame) -> dict[str, Any]:
    """The frame as ``dataframe_split``."""
    return {"dataframe_split": {"columns": list(frame.columns), "data": frame.to_numpy().tolist()}}
