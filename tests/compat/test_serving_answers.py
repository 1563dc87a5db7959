"""The same requests to `mlflow models serve` 3.17.2 and to mlyard, with models that say what reached them.

Each case is the same status and the same predictions on both, or stands in DIFFERENT with the reason.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, START_SECONDS, await_answer, clean_environment, fetch, free_port, running

JSON, CSV = "application/json", "text/csv"
BINARY = base64.b64encode(b"hi").decode()
ROW = {"b": True, "i": 1, "l": 2, "f": 0.5, "d": 3, "s": "x", "x": BINARY, "t": "2020-01-02T03:04:05", "o": None}


def record(**cells: Any) -> dict[str, Any]:
    return {"dataframe_records": [{**ROW, **cells}]}


def without(name: str) -> dict[str, Any]:
    return {"dataframe_records": [{key: cell for key, cell in ROW.items() if key != name}]}


def table(columns: list[str], *rows: list[Any]) -> dict[str, Any]:
    return {"dataframe_split": {"columns": columns, "data": list(rows)}}


def odd(kind: str) -> dict[str, Any]:
    return table(["a"], [kind])


Case = tuple[str, Any, str]
CASES: dict[str, Case] = {
    "typed: records": ("typed", record(), JSON),
    "typed: split": ("typed", table(list(ROW), list(ROW.values())), JSON),
    "typed: other order": ("typed", table(list(ROW)[::-1], list(ROW.values())[::-1]), JSON),
    "typed: instances": ("typed", {"instances": [ROW]}, JSON),
    "typed: inputs, rows by name": ("typed", {"inputs": [ROW]}, JSON),
    "typed: inputs, columns": ("typed", {"inputs": {key: [cell] for key, cell in ROW.items()}}, JSON),
    "typed: inputs, one row": ("typed", {"inputs": ROW}, JSON),
    "typed: rows without names": ("typed", {"inputs": [list(ROW.values())]}, JSON),
    "typed: split without names": ("typed", {"dataframe_split": {"data": [list(ROW.values())]}}, JSON),
    "typed: optional is not there": ("typed", without("o"), JSON),
    "typed: required is not there": ("typed", without("d"), JSON),
    "typed: more columns": ("typed", record(more=1), JSON),
    "typed: integer for float": ("typed", record(f=1), JSON),
    "typed: text of a number": ("typed", record(d="1.5"), JSON),
    "typed: text of an integer": ("typed", record(i="7"), JSON),
    "typed: whole float for long": ("typed", record(l=2.0), JSON),
    "typed: fraction for long": ("typed", record(l=1.5), JSON),
    "typed: too large for integer": ("typed", record(i=2**40), JSON),
    "typed: null for long": ("typed", record(l=None), JSON),
    "typed: null for double": ("typed", record(d=None), JSON),
    "typed: null for string": ("typed", record(s=None), JSON),
    "typed: number for string": ("typed", record(s=5), JSON),
    "typed: 1 for boolean": ("typed", record(b=1), JSON),
    "typed: text for boolean": ("typed", record(b="false"), JSON),
    "typed: no base64": ("typed", record(x="!!!"), JSON),
    "typed: number for binary": ("typed", record(x=4), JSON),
    "typed: date": ("typed", record(t="2020-01-02"), JSON),
    "typed: zone": ("typed", record(t="2020-01-02T03:04:05Z"), JSON),
    "typed: no date": ("typed", record(t="nonsense"), JSON),
    "typed: number for datetime": ("typed", record(t=1577934245000), JSON),
    "typed: params unknown": ("typed", {**record(), "params": {"k": 1}}, JSON),
    "typed: csv": ("typed", "b,i,l,f,d,s,x,t\nTrue,1,2,0.5,3.0,007,aGk=,2020-01-02\n", CSV),
    "plain: records": ("plain", record(), JSON),
    "plain: index": ("plain", {"dataframe_split": {"columns": ["a"], "index": [5], "data": [[1]]}}, JSON),
    "plain: rows": ("plain", {"instances": [[1, 2], [3, 4]]}, JSON),
    "plain: scalars": ("plain", {"instances": [1, 2]}, JSON),
    "plain: inputs": ("plain", {"inputs": [[1, 2], [3, 4.5]]}, JSON),
    "plain: texts": ("plain", {"inputs": ["a", "b"]}, JSON),
    "plain: one text": ("plain", {"inputs": "abc"}, JSON),
    "plain: one number": ("plain", {"inputs": 4}, JSON),
    "plain: null": ("plain", {"inputs": [None, 1.5]}, JSON),
    "plain: mixed": ("plain", {"inputs": [["a", 1]]}, JSON),
    "plain: columns": ("plain", {"inputs": {"a": [1, 2], "b": ["x", "y"]}}, JSON),
    "plain: ragged": ("plain", {"inputs": [[1], [2, 3]]}, JSON),
    "plain: no rows": ("plain", {"dataframe_records": []}, JSON),
    "plain: two keys": ("plain", {"inputs": [1], "instances": [1]}, JSON),
    "plain: no key": ("plain", {}, JSON),
    "plain: unknown key": ("plain", {"foo": 1}, JSON),
    "plain: unknown key besides": ("plain", {"inputs": [[1]], "foo": 1}, JSON),
    "plain: a list": ("plain", [1, 2], JSON),
    "plain: no json": ("plain", "{bad", JSON),
    "plain: no type": ("plain", {"inputs": [[1]]}, ""),
    "plain: charset": ("plain", {"inputs": [[1]]}, "application/json; charset=utf-8"),
    "plain: other charset": ("plain", {"inputs": [[1]]}, "application/json; charset=latin-1"),
    "plain: old format": ("plain", {"columns": ["a"], "data": [[1]]}, "application/json; format=pandas-split"),
    "plain: pickle": ("plain", "x", "application/vnd.bentoml+pickle"),
    "plain: params": ("plain", {"inputs": [[1]], "params": {"a": 1}}, JSON),
    "plain: csv": ("plain", "a,b\n1,x\n2,\n", CSV),
    "plain: empty csv": ("plain", "", CSV),
    "tensor: inputs": ("tensor", {"inputs": [[1, 2, 3]]}, JSON),
    "tensor: instances": ("tensor", {"instances": [[1.5, 2, 3]]}, JSON),
    "tensor: split": ("tensor", table(["a", "b", "c"], [1, 2, 3]), JSON),
    "tensor: shape": ("tensor", {"inputs": [[1, 2]]}, JSON),
    "tensor: texts": ("tensor", {"inputs": [["a", "b", "c"]]}, JSON),
    **{
        f"answer: {kind}": ("odd", odd(kind), JSON)
        for kind in (
            *("nan", "frame", "series", "dates", "moment", "named", "nested", "bytes", "none", "text", "arrays"),
            *("numbers", "value", "type", "key", "zero"),
        )
    },
}
_DATA_LOSS = "MLflow cuts it silently; mlyard refuses what it would have to change"
_BASE64 = "MLflow decodes base64 in data frames only, and hands on its letters here; mlyard decodes it everywhere"
_TRACE = "MLflow says that the caller is at fault, with the model's stack trace; mlyard that the model failed"
DIFFERENT = {
    "typed: instances": _BASE64,
    "typed: inputs, rows by name": _BASE64,
    "typed: inputs, columns": _BASE64,
    "typed: inputs, one row": _BASE64,
    "typed: split without names": "where there are no names, mlyard goes by the order",
    "typed: zone": "MLflow takes no time zones, also not for a column that was trained with one",
    "typed: rows without names": "where there are no names, mlyard goes by the order",
    "typed: fraction for long": _DATA_LOSS,
    "typed: too large for integer": _DATA_LOSS,
    "typed: text for boolean": "MLflow takes any text for true, 'false' too",
    "typed: no base64": _DATA_LOSS,
    "typed: number for string": "MLflow hands a number to the model where the signature promises a text",
    "typed: number for datetime": "MLflow takes a number for nanoseconds; JSON's moments are texts",
    "typed: csv": "MLflow reads no CSV for a signature with moments",
    "plain: columns": "MLflow hands scikit-learn a dict, which its models cannot take; mlyard makes it a table",
    "plain: no rows": "models fail on no rows; mlyard says so",
    "plain: no type": "MLflow fails with 500",
    "plain: old format": "MLflow gave it up in 2.0; the tutorial uses it",
    "answer: nan": "MLflow writes NaN and Infinity, which are not JSON; mlyard writes null",
    "answer: frame": "the same",
    "answer: bytes": "MLflow ends base64 with a line break",
    "answer: key": _TRACE,
    "answer: zero": _TRACE,
}


@pytest.fixture(scope="module")
def servers(mlflow_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, str]]]:
    """By model: MLflow's address and ours."""
    folder = tmp_path_factory.mktemp("echo")
    environment = clean_environment(MLFLOW_DISABLE_TELEMETRY="true", PYTHONWARNINGS="ignore")
    script = ROOT / "tests" / "system" / "scoring" / "echo_models.py"
    subprocess.run([mlflow_python, str(script), str(folder)], env=environment, check=True, capture_output=True)
    names = ("typed", "plain", "tensor", "odd")
    with ExitStack() as stack:
        ours = {
            name: stack.enter_context(running(["models", "serve", "-m", str(folder / name)], folder, free_port())).url
            for name in names
        }
        theirs = {name: stack.enter_context(mlflow_serving(mlflow_python, folder / name)) for name in names}
        for url, process in theirs.values():
            await_answer(process, url, seconds=4 * START_SECONDS)  # four start at once
        yield {name: (theirs[name][0], ours[name]) for name in names}


@contextmanager
def mlflow_serving(python: str, model: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`mlflow models serve`, which looks for uvicorn on the path."""
    port = free_port()
    command = [str(Path(python).with_name("mlflow")), "models", "serve", "-m", str(model), "-p", str(port)]
    command += ["--env-manager", "local"]
    environment = clean_environment(MLFLOW_DISABLE_TELEMETRY="true")
    environment["PATH"] = f"{Path(python).parent}:{environment['PATH']}"
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=model, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # it leaves its server running otherwise
        process.wait(START_SECONDS)


def ask(url: str, body: Any, kind: str) -> tuple[int, Any]:
    content = body if isinstance(body, str) else json.dumps(body)
    headers = {"Connection": "close", **({"Content-Type": kind} if kind else {})}
    answer = fetch("POST", f"{url}/invocations", body=content.encode(), headers=headers, retries=False)
    try:
        said = json.loads(answer.data)
    except ValueError:
        said = None
    if answer.status != 200:
        return answer.status, None
    return answer.status, said.get("predictions", said) if isinstance(said, dict) else said


@pytest.mark.parametrize("name", CASES)
def test_the_same_request_gets_the_same_answer(servers: dict[str, tuple[str, str]], name: str) -> None:
    model, body, kind = CASES[name]
    theirs, ours = (ask(url, body, kind) for url in servers[model])
    if name in DIFFERENT:
        assert repr(theirs) != repr(ours), "no longer different: take it off the list"
    else:
        assert ours == theirs


def test_probes_and_wrong_methods_are_the_same(servers: dict[str, tuple[str, str]]) -> None:
    for method, path in (("GET", "/ping"), ("GET", "/health"), ("GET", "/version"), ("POST", "/ping"),
                         ("GET", "/invocations"), ("GET", "/"), ("GET", "/nothing")):  # fmt: skip
        answers = [fetch(method, url + path, retries=False) for url in servers["plain"]]
        theirs, ours = ((answer.status, answer.headers["Content-Type"]) for answer in answers)
        assert theirs == ours, path
        assert answers[0].status != 200 or answers[0].data == answers[1].data
