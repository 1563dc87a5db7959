"""`mlyard models predict`: files of every form, larger than memory, whole or not at all."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard.batch.score import ScoringJob, score
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.models import infer_signature
from tests.conftest import clean_environment

TRAINED_ON = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.0, 5.0, 1.0]})
ROWS = 2_345
FRAME = pd.DataFrame({"b": np.arange(ROWS) * 0.5, "a": np.arange(ROWS) + 0.25})
MODEL = LinearRegression().fit(TRAINED_ON, TRAINED_ON["a"] * 2 + TRAINED_ON["b"] * 10)
SHOWS = """
from mlyard.models import set_model
import numpy as np, pandas as pd

def predict(model_input, params=None):
    if isinstance(model_input, dict):
        return {name: np.asarray(values) * 2 for name, values in model_input.items()}
    if not isinstance(model_input, pd.DataFrame) and (np.asarray(model_input) == 999).any():
        raise KeyError("the row that it cannot take")
    if isinstance(model_input, pd.DataFrame):
        return model_input.assign(rows=len(model_input))
    return [[str(value) for value in row] for row in np.asarray(model_input).tolist()]

set_model(predict)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "m"
    signature = infer_signature(TRAINED_ON, np.array([1.0]))
    mlyard.sklearn.save_model(MODEL, folder, signature=signature, pip_requirements=[])
    return folder


@pytest.fixture(scope="module")
def shows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that answers with what it got."""
    folder = tmp_path_factory.mktemp("shows")
    (folder / "shows.py").write_text(SHOWS)
    mlyard.pyfunc.save_model(folder / "m", python_model=folder / "shows.py", pip_requirements=[])
    return folder / "m"


def write(form: str, file: Path) -> Path:
    """FRAME in one of the forms."""
    split = json.loads(FRAME.to_json(orient="split"))
    records = FRAME.to_dict(orient="records")
    contents: dict[str, Any] = {
        "dataframe_split": {"dataframe_split": split},
        "params first": {"params": {}, "dataframe_records": records},
        "params last": {"dataframe_records": records, "params": {}},
        "data before columns": {"dataframe_split": {"data": split["data"], "columns": split["columns"]}},
        "instances": {"instances": records},
        "list": records,
    }
    if form == "csv":
        FRAME.to_csv(file, index=False)
    elif form == "parquet":
        FRAME.to_parquet(file)
    elif form == "lines":
        FRAME.to_json(file, orient="records", lines=True)
    else:
        file.write_text(json.dumps(contents[form], indent=1 if form == "list" else None))
    return file


FORMS = [
    "csv", "parquet", "lines", "dataframe_split", "params first", "params last", "data before columns", "instances",
    "list",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("chunk_rows", [100, 10_000])
def test_each_form_gives_the_same_predictions(form: str, chunk_rows: int, model: Path, tmp_path: Path) -> None:
    kind = form if form in ("csv", "parquet") else "json"
    source = write(form, tmp_path / "in")
    score(model, ScoringJob(source=source, target=tmp_path / "out", form=kind, chunk_rows=chunk_rows))
    answered = json.loads((tmp_path / "out").read_text())
    assert answered.keys() == {"predictions"}
    assert np.allclose(answered["predictions"], MODEL.predict(FRAME[["a", "b"]]))


@pytest.mark.parametrize("name", ["out.json", "out.jsonl", "out.parquet", "out.csv"])
def test_each_form_of_answer(name: str, shows: Path, tmp_path: Path) -> None:
    source = write("csv", tmp_path / "in.csv")
    target_form = "csv" if name == "out.csv" else None
    score(shows, ScoringJob(source=source, target=tmp_path / name, target_form=target_form, chunk_rows=1000))
    found = {
        "out.json": lambda file: pd.DataFrame(json.loads(file.read_text())["predictions"]),
        "out.jsonl": lambda file: pd.read_json(file, orient="records", lines=True),
        "out.parquet": pd.read_parquet,
        "out.csv": pd.read_csv,
    }[name](tmp_path / name)
    assert np.allclose(found[["b", "a"]], FRAME)
    assert found["rows"].tolist() == [1000] * 2000 + [345] * 345


def test_tensors_go_by_rows_or_whole(shows: Path, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('{"inputs": [[1, 2], [3, 4], [5, 6]]}')
    score(shows, ScoringJob(source=tmp_path / "in.json", target=tmp_path / "out", chunk_rows=2))
    assert json.loads((tmp_path / "out").read_text()) == {"predictions": [["1", "2"], ["3", "4"], ["5", "6"]]}
    (tmp_path / "in.json").write_text('{"inputs": {"x": [1, 2, 3], "y": [4, 5, 6]}}')
    score(shows, ScoringJob(source=tmp_path / "in.json", target=tmp_path / "out", chunk_rows=2))
    assert json.loads((tmp_path / "out").read_text()) == {"predictions": {"x": [2, 4, 6], "y": [8, 10, 12]}}


def test_columns_of_texts_stay_texts(tmp_path: Path, shows: Path) -> None:
    example = pd.DataFrame({"code": ["a"], "n": [1]})
    folder = tmp_path / "typed"
    mlyard.pyfunc.save_model(
        folder, python_model=shows / "shows.py", signature=infer_signature(example), pip_requirements=[]
    )
    (tmp_path / "in.csv").write_text("n,code\n1,007\n2,12\n")
    score(folder, ScoringJob(source=tmp_path / "in.csv", target=tmp_path / "out"))
    assert [row["code"] for row in json.loads((tmp_path / "out").read_text())["predictions"]] == ["007", "12"]


WRONG = [
    ("csv", "", "the first line must name the columns"),
    ("csv", "a,b\n", "empty"),
    ("csv", 'a,b\n"1,2\n', "not valid CSV"),
    ("csv", "a,c\n1,2\n", r"missing inputs \['b'\]"),
    ("json", "", "empty"),
    ("json", "[]", "empty"),
    ("json", "{}", "must be a JSON object with exactly one of"),
    ("json", '{"columns": ["a", "b"], "data": [[1, 2]]}', "must be a JSON object with exactly one of"),
    ("json", '{"inputs": [[1, 2]], "instances": [[1, 2]]}', "exactly one"),
    ("json", '{"dataframe_records": [{"a": 1, "b": 2}, {"a": 1', "not valid JSON"),
    ("json", '{"dataframe_records": [{"a": 1, "b": 2} {"a": 1, "b": 2}]}', "Expecting , or ]"),
    ("json", '{"dataframe_split": {"columns": ["a", "b", "c"], "data": [[1, 2]]}}', "Row 0 must be a list of 3 values"),
    ("jsonl", '{"a": 1, "b": 2}\n{"a": 1', "not valid JSON"),
    ("jsonl", '{"a": 1, "b": 2}\n{"a": "x", "b": 2}\n', "column a"),
    ("json", b'{"dataframe_records": [{"\xff": 1}]}', "not UTF-8"),
    ("parquet", "PAR1", "not a Parquet file"),
]


@pytest.mark.parametrize(("form", "text", "says"), WRONG)
def test_what_is_wrong_is_said_and_an_older_output_stays(
    form: str, text: str | bytes, says: str, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").write_bytes(text if isinstance(text, bytes) else text.encode())
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("what was there")
    with pytest.raises(InvalidParameter, match=says):
        score(model, ScoringJob(source=tmp_path / "in", target=tmp_path / "out" / "old", form=form, chunk_rows=1))
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["old"]
    assert (tmp_path / "out" / "old").read_text() == "what was there"


def test_a_model_that_fails_names_the_chunk(shows: Path, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('{"inputs": [[1], [2], [999], [4]]}')
    with pytest.raises(MlyardError, match=r"failed on chunk 2 of the input: KeyError: 'the row"):
        score(shows, ScoringJob(source=tmp_path / "in.json", target=tmp_path / "out", chunk_rows=2))
    assert not (tmp_path / "out").exists()


def test_a_number_that_is_cut_by_a_read_is_one_number(tmp_path: Path) -> None:
    from mlyard.batch.json_scan import Scanner

    numbers = [10**9 + 7 * n for n in range(400_000)]
    (tmp_path / "in").write_text(json.dumps(numbers))
    with Scanner(tmp_path / "in") as scanner:
        assert list(scanner.array()) == numbers


def command(model: Path, *options: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlyard", "models", "predict", "-m", str(model), "--env-manager", "local", *options],
        input=stdin,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_standard_input_and_output(model: Path) -> None:
    done = command(model, "-t", "csv", stdin="b,a\n2,1\n4,3\n")
    assert json.loads(done.stdout) == {"predictions": pytest.approx([22.0, 46.0])}
    assert done.stderr == ""
    failed = command(model, "-t", "csv", stdin="b,a\n2,1\n4,x\n")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert not list(Path.cwd().iterdir()), "no store is made for a model in a folder"
    assert "Traceback" not in failed.stderr


def test_the_same_text_as_mlflow_prints(mlflow_python: str, model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('{"dataframe_split": {"columns": ["b", "a"], "data": [[2, 1.0], [4, 3.5]]}}')
    source = str(tmp_path / "in.json")
    arguments = ["models", "predict", "-m", str(model), "-i", source, "-t", "json", "--env-manager", "local"]
    theirs = subprocess.run(
        [mlflow_python, "-m", "mlflow", *arguments, "-o", str(tmp_path / "theirs")],
        env=clean_environment(MLFLOW_DISABLE_TELEMETRY="true"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert theirs.returncode == 0, theirs.stderr
    assert command(model, "-i", source, "-t", "json").stdout == (tmp_path / "theirs").read_text()


def test_a_bar_on_a_terminal(model: Path, tmp_path: Path) -> None:
    source = write("csv", tmp_path / "in.csv")
    arguments = [sys.executable, "-m", "mlyard", "models", "predict", "-m", str(model), "--env-manager", "local"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*arguments, "-i", str(source), "-o", str(tmp_path / "out"), "--chunk-rows", "100"],
        env=clean_environment(TERM="xterm"),
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while piece := _read(ours):
        shown += piece
    assert process.wait() == 0
    assert b"Scoring" in shown
    assert b"100%" in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux's way to say that nobody holds the other side any more
        return b""


# A few rows, each with a long text that the model does not take, make a large file that is quickly read.
WIDTH, CHUNK = 6_000, 1_000
PEAK = """
import sys
from pathlib import Path
from mlyard.batch.score import ScoringJob, score
source, target, form, chunk_rows = Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], int(sys.argv[5])
score(Path(sys.argv[1]), ScoringJob(source=source, target=target, form=form, chunk_rows=chunk_rows))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def wide(rows: int, form: str, source: Path) -> None:
    """A file of this many rows."""
    texts = [f"x{number:0{WIDTH - 1}}" for number in range(rows)]
    frame = pd.DataFrame({"a": np.arange(rows) + 0.25, "b": np.arange(rows) * 0.5, "text": texts})
    if form == "csv":
        frame.to_csv(source, index=False)
    elif form == "parquet":
        frame.to_parquet(source, row_group_size=2 * CHUNK)
    else:
        source.write_text(f'{{"dataframe_split": {frame.to_json(orient="split", index=False)}}}')


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_memory_does_not_grow_with_the_file(form: str, model: Path, tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        source, target = tmp_path / f"{rows}.{form}", tmp_path / "out"
        wide(rows, form, source)
        done = subprocess.run(
            [sys.executable, "-c", PEAK, str(model), str(source), str(target), form, str(CHUNK)],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        assert len(json.loads(target.read_text())["predictions"]) == rows
        return int(done.stdout) * 1024

    few, many = 4 * CHUNK, 30 * CHUNK
    small, large = peak(few), peak(many)
    # Who holds the file holds its texts. Half of them are room for how allocators behave, which differs by machine.
    assert large - small < WIDTH * (many - few) / 2, f"{small:,} bytes for {few:,} rows, {large:,} for {many:,}"
