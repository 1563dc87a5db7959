"""The places where a model gets a request's body: each takes the same bytes and gives an answer or a refusal."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import mlyard
from mlyard.batch.score import ScoringJob, score
from mlyard.core.errors import MlyardError
from mlyard.models.body.write import plain_of
from mlyard.models.pyfunc import load_folder
from mlyard.scoring.app import ScoringApp
from mlyard.scoring.metrics import Metrics
from mlyard.scoring.requests import ScoringOptions
from tests.conftest import finished

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
ARROW_FILE, ARROW_STREAM = "application/vnd.apache.arrow.file", "application/vnd.apache.arrow.stream"
Answer = tuple[str, Any]
"""'predictions' and what they are, or 'refused' and why."""


@cache
def metrics() -> Metrics:
    """Counters for all servers of a process, because they hold a file open."""
    return Metrics(1)


def asked(folder: Path, body: bytes, kind: str) -> tuple[int, Any]:
    """What a scoring server of the model answers: the status and the JSON."""

    async def ask() -> tuple[int, bytes]:
        app = ScoringApp(load_folder(folder), ScoringOptions(), metrics())
        parts: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(part: Any) -> None:
            parts.append(part)

        headers = [(b"content-type", kind.encode())]
        await app({"type": "http", "path": "/invocations", "method": "POST", "headers": headers}, receive, send)
        return parts[0]["status"], parts[1]["body"]

    status, answer = finished(ask())
    return status, json.loads(answer)


def at_server(folder: Path, body: bytes, kind: str) -> Answer:
    status, answer = asked(folder, body, kind)
    if status == 200:
        return "predictions", answer["predictions"] if isinstance(answer, dict) and "predictions" in answer else answer
    assert status == 400, answer
    return "refused", answer["message"]


def by_validation(folder: Path, body: bytes, kind: str) -> Answer:
    return _tried(lambda: plain_of(mlyard.models.validate_serving_input(folder, body.decode())))


def by_predict(folder: Path, body: bytes, kind: str) -> Answer:
    def predict() -> Any:
        Path("body").write_bytes(body)
        with redirect_stdout(io.StringIO()) as out:
            mlyard.models.predict(folder, input_path="body", content_type="csv" if kind == CSV else "json")
        return json.loads(out.getvalue())["predictions"]

    return _tried(predict)


def by_file(folder: Path, body: bytes, kind: str) -> Answer:
    def predict() -> Any:
        Path("in").write_bytes(body)
        form = {JSON: "json", CSV: "csv", PARQUET: "parquet"}[kind]
        score(folder, ScoringJob(source=Path("in"), target=Path("out"), form=form))
        return json.loads(Path("out").read_bytes())["predictions"]

    return _tried(predict)


def _tried(predict: Callable[[], Any]) -> Answer:
    try:
        return "predictions", predict()
    except MlyardError as error:
        if error.status != 400:
            raise
        return "refused", error.message.removesuffix(" (chunk 1 of the input)")


PLACES: dict[str, tuple[Callable[[Path, bytes, str], Answer], set[str]]] = {
    "server": (at_server, {JSON, CSV, PARQUET, ARROW_FILE, ARROW_STREAM}),
    "validate_serving_input": (by_validation, {JSON}),
    "models.predict": (by_predict, {JSON, CSV}),
    "file": (by_file, {JSON, CSV, PARQUET}),
}
"""Each place, and the content types that it takes."""


def everywhere(folder: Path, body: bytes, kind: str) -> Answer:
    """What all places answer to a body, which must be the same."""
    found = {name: place(folder, body, kind) for name, (place, takes) in PLACES.items() if kind in takes}
    first = found["server"]
    same = found == dict.fromkeys(found, first)
    assert same, found
    return first


def arrow(frame: pd.DataFrame, kind: str) -> bytes:
    """The frame as Parquet or Arrow."""
    sink = io.BytesIO()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    if kind == PARQUET:
        pq.write_table(table, sink)
        return sink.getvalue()
    with (pa.ipc.new_file if kind == ARROW_FILE else pa.ipc.new_stream)(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
