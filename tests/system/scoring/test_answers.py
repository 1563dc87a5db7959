"""What the scoring server answers: every form of the same rows, by name, and what does not fit."""

from __future__ import annotations

import http.client
import io
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import START_SECONDS
from tests.system.scoring.conftest import COLUMNS, DATA, JSON, Served, split

ROWS = DATA.head(3)


def arrow(form: str) -> bytes:
    sink = io.BytesIO()
    table = pa.Table.from_pandas(ROWS, preserve_index=False)
    if form == "parquet":
        pq.write_table(table, sink)
        return sink.getvalue()
    with (pa.ipc.new_file if form == "file" else pa.ipc.new_stream)(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


RECORDS = ROWS.to_dict(orient="records")
FORMS: dict[str, tuple[Any, str]] = {
    "split": (split(ROWS), JSON),
    "other order": (split(ROWS[COLUMNS[::-1]]), JSON),
    "more columns": (split(ROWS.assign(more=1.0)), JSON),
    "index": ({"dataframe_split": {**split(ROWS)["dataframe_split"], "index": [7, 8, 9]}}, JSON),
    "no names": ({"dataframe_split": {"data": ROWS.to_numpy().tolist()}}, JSON),
    "records": ({"dataframe_records": RECORDS}, JSON),
    "instances, rows": ({"instances": ROWS.to_numpy().tolist()}, JSON),
    "instances, names": ({"instances": RECORDS}, JSON),
    "inputs, rows": ({"inputs": ROWS.to_numpy().tolist()}, JSON),
    "inputs, names": ({"inputs": RECORDS}, JSON),
    "inputs, columns": ({"inputs": ROWS.to_dict(orient="list")}, JSON),
    "texts": ({"inputs": [[str(cell) for cell in row] for row in ROWS.to_numpy().tolist()]}, JSON),
    "unknown keys": ({**split(ROWS), "client_request_id": "7"}, JSON),
    "csv": (ROWS.to_csv(index=False).encode(), "text/csv; charset=utf-8"),
    "parquet": (arrow("parquet"), "application/vnd.apache.parquet"),
    "arrow file": (arrow("file"), "application/vnd.apache.arrow.file"),
    "arrow stream": (arrow("stream"), "application/vnd.apache.arrow.stream"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_same_rows_gets_the_models_answer(served: Served, diabetes: Any, form: str) -> None:
    body, kind = FORMS[form]
    assert served.predictions(body, kind) == pytest.approx(diabetes.predict(ROWS).tolist(), rel=1e-12)


@pytest.mark.parametrize("form", ["pandas-split", "pandas-records"])
def test_the_older_forms_are_answered_with_a_bare_list(served: Served, diabetes: Any, form: str) -> None:
    shuffled = ROWS[COLUMNS[::-1]]
    body = split(shuffled)["dataframe_split"] if form == "pandas-split" else shuffled.to_dict(orient="records")
    status, answer = served.ask(body, f"application/json; format={form}")
    assert (status, answer) == (200, pytest.approx(diabetes.predict(ROWS).tolist(), rel=1e-12))


def test_a_body_without_a_type_is_json(served: Served) -> None:
    assert served.ask(split(ROWS), None)[0] == 200


WRONG = split(ROWS.drop(columns="bmi"))
REFUSED: dict[str, tuple[Any, str, int, str]] = {
    "no json": (b"{bad", JSON, 400, "not valid JSON"),
    "half json": (b'{"inputs": [[1', JSON, 400, "not valid JSON"),
    "no utf-8": (b'{"inputs": "\xff"}', JSON, 400, "not valid JSON"),
    "deep": (b'{"inputs": ' + b"[" * 100_000, JSON, 400, "not valid JSON"),
    "no key": ({}, JSON, 400, "exactly one of"),
    "two keys": ({"inputs": [[1]], "instances": [[1]]}, JSON, 400, "exactly one of"),
    "a list": ([1, 2], JSON, 400, "one of the keys"),
    "split without data": ({"dataframe_split": {"columns": COLUMNS}}, JSON, 400, "dataframe_split"),
    "split is a number": ({"dataframe_split": 5}, JSON, 400, "dataframe_split"),
    "records are numbers": ({"dataframe_records": [1, 2]}, JSON, 400, "dataframe_records"),
    "no rows": ({"dataframe_records": []}, JSON, 400, "empty"),
    "no inputs": ({"inputs": []}, JSON, 400, "empty"),
    "a column is missing": (WRONG, JSON, 400, "'bmi'"),
    "a column twice": (split(ROWS.rename(columns={"sex": "age"})), JSON, 400, "sex"),
    "ragged": ({"inputs": [[1.0] * 10, [1.0] * 9]}, JSON, 400, "Row 1"),
    "too wide": ({"inputs": [[1.0] * 11]}, JSON, 400, "10"),
    "a text": ({"inputs": [[1.0] * 9 + ["high"]]}, JSON, 400, "'high'"),
    "a list in a cell": ({"inputs": [[1.0] * 9 + [[1]]]}, JSON, 400, "s6"),
    "params are a list": ({**split(ROWS), "params": [1]}, JSON, 400, "params"),
    "missing value": ({"inputs": [[1.0] * 9 + [None]]}, JSON, 400, "NaN"),
    "no csv": (b'"', "text/csv", 400, "CSV"),
    "empty csv": (b"", "text/csv", 400, "CSV"),
    "no parquet": (b"PAR1 is not all", "application/vnd.apache.parquet", 400, "parquet"),
    "no arrow": (b"\x00" * 20, "application/vnd.apache.arrow.stream", 400, "arrow"),
    "pickle": (b"\x80\x04N.", "application/vnd.bentoml+pickle", 415, "pickle"),
    "bytes": (b"x", "application/octet-stream", 415, "octet-stream"),
    "form": (b"a=1", "application/x-www-form-urlencoded", 415, "form"),
    "charset": (b"{}", "application/json; charset=utf-16", 415, "utf-16"),
    "unknown format": (b"{}", "application/json; format=nonsense", 415, "nonsense"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_explained(served: Served, case: str) -> None:
    body, kind, status, reason = REFUSED[case]
    got, answer = served.ask(body, kind)
    assert got == status, answer
    assert set(answer) == {"error_code", "message"}
    assert reason in answer["message"]
    assert "Traceback" not in answer["message"]
    assert "File " not in answer["message"]


def test_requests_at_once_get_their_own_answers(served: Served, diabetes: Any) -> None:
    """Each row's answer goes to who asked it; rows that do not fit fail alone."""
    expected = diabetes.predict(DATA).tolist()

    def ask(number: int) -> tuple[int, Any]:
        row = DATA.iloc[[number]]
        if number % 10 == 0:
            return served.ask({"inputs": [[1.0] * 9 + [None]]})
        if number % 10 == 1:
            return served.ask({"inputs": [[1.0]]})
        return served.ask(split(row[COLUMNS[:: 1 if number % 2 else -1]]))

    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(ask, range(400)))
    for number, (status, answer) in enumerate(answers):
        if number % 10 < 2:
            assert (status, "NaN" in answer["message"]) == (400, number % 10 == 0)
        else:
            assert (status, answer["predictions"]) == (200, pytest.approx([expected[number]], rel=1e-9))


def test_requests_that_have_come_go_into_the_model_together(served: Served, diabetes: Any) -> None:
    """The server is stopped until all have: when it goes on, its sockets hold every one."""
    process, address = served.live.process, urlsplit(served.live.url)
    with ExitStack() as stack:
        host, port = str(address.hostname), address.port
        connections = [http.client.HTTPConnection(host, port, timeout=START_SECONDS) for _ in range(16)]
        for connection in connections:
            stack.callback(connection.close)
            connection.request("GET", "/ping")
            connection.getresponse().read()
        calls = served.metric("mlyard_batch_rows_count")
        process.send_signal(signal.SIGSTOP)
        try:
            for number, connection in enumerate(connections):
                body = msgspec.json.encode(split(DATA.iloc[[number]]))
                connection.request("POST", "/invocations", body, {"Content-Type": JSON})
        finally:
            process.send_signal(signal.SIGCONT)
        answers = [msgspec.json.decode(connection.getresponse().read())["predictions"] for connection in connections]
    expected = diabetes.predict(DATA.head(len(connections)))
    assert [answer for (answer,) in answers] == pytest.approx(expected.tolist(), rel=1e-9)
    assert served.metric("mlyard_batch_rows_count") - calls < len(connections)


def test_a_large_body_is_answered_in_order(served: Served, diabetes: Any) -> None:
    many = pd.concat([DATA] * 30)
    body = split(many[COLUMNS[::-1]])
    assert len(msgspec.json.encode(body)) > 1 << 20
    assert served.predictions(body) == pytest.approx(diabetes.predict(many).tolist(), rel=1e-9)


def test_batches_can_be_switched_off(serve: Callable[..., Served]) -> None:
    served = serve("signed", "--no-batch")
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: served.ask(split(ROWS)), range(64)))
    assert {status for status, _ in answers} == {200}
    assert served.metric("mlyard_batch_rows_count") == 64


def test_pages(served: Served) -> None:
    for path in ("/ping", "/health"):
        assert (served.live.get(path).status, served.live.get(path).data) == (200, b"\n")
    assert served.live.get("/version").data == b"3.17.2"
    assert served.live.get("/nothing").status == 404
    assert served.live.get("/invocations").status == 405
    assert served.pool.request("POST", f"{served.live.url}/ping").status == 405


def test_metrics_count_requests(served: Served) -> None:
    before = {status: served.metric(f'mlyard_requests_total{{status="{status}"}}') for status in (200, 400, 415)}
    served.ask(split(ROWS))
    served.ask(WRONG)
    served.ask(b"", "image/png")
    for status, count in before.items():
        assert served.metric(f'mlyard_requests_total{{status="{status}"}}') == count + 1
    assert served.metric("mlyard_requests_in_flight") == 0
    assert served.metric("mlyard_request_seconds_count") >= 3
