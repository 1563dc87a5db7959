"""Every type of value, in every form of a body, in every place that reads bodies: one answer or one refusal."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import mlyard
from mlyard.models import ModelSignature, infer_signature
from mlyard.models.body.write import encode
from mlyard.models.format.example import read_example
from mlyard.types.schema import Array, ColSpec, Map, Object, Property, Schema, TensorSpec
from tests.system.scoring.places import (
    ARROW_FILE,
    ARROW_STREAM,
    CSV,
    JSON,
    PARQUET,
    arrow,
    at_server,
    by_file,
    by_validation,
    everywhere,
)

NAN = float("nan")
Body = tuple[bytes, str]


class Seen(mlyard.pyfunc.PythonModel):
    """Answers with what reached it: names, types and values."""

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        if isinstance(model_input, pd.DataFrame):
            columns = [model_input.iloc[:, place] for place in range(model_input.shape[1])]
            return [[str(c.name), str(c.dtype), [repr(_plain(cell)) for cell in c.tolist()]] for c in columns]
        if isinstance(model_input, dict):
            return {name: [str(np.asarray(value).dtype), repr(value)] for name, value in model_input.items()}
        dense = model_input.toarray() if hasattr(model_input, "toarray") else np.asarray(model_input)
        return [str(dense.dtype), repr(dense.tolist())]


def _plain(cell: Any) -> Any:
    return cell.tolist() if isinstance(cell, np.ndarray) else cell


COLUMNS: dict[str, pd.Series[Any]] = {
    "boolean": pd.Series([True, False]),
    "boolean, missing": pd.Series([True, None], dtype="boolean"),
    **{
        kind: pd.Series([1, 2], dtype=kind) for kind in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32")
    },
    **{kind: pd.Series([1, 2], dtype=kind) for kind in ("Int8", "Int64", "UInt16")},
    **{kind: pd.Series([0.1, 1.5], dtype=kind) for kind in ("float16", "float32", "float64", "Float32", "Float64")},
    "long, all digits": pd.Series([2**53 + 1, -(2**63)]),
    "long, missing": pd.Series([2**53 + 1, None], dtype="Int64"),
    "integer, missing": pd.Series([7, None], dtype="Int32"),
    "double, missing": pd.Series([0.1, NAN]),
    "double, infinite": pd.Series([float("inf"), -float("inf"), 1e300]),
    "double, all digits": pd.Series([0.1 + 0.2, 1 / 3, 5e-324]),
    "string": pd.Series(["a", "007"]),
    "string, not missing": pd.Series(["NA", "null", "1", "True"]),
    "string, missing": pd.Series(["x", None]),
    "string, special": pd.Series(['q"uo,te', "line\nbreak", "é\u2028", " pad "]),
    "binary": pd.Series([b"\x00\xff", b"abc"]),
    "datetime": pd.Series(np.array(["2020-01-02T03:04:05.123456789", "2021-01-01"], "datetime64[ns]")),
    "datetime, missing": pd.Series(np.array(["2020-01-02T03:04:05", "NaT"], "datetime64[ns]")),
    "datetime, zone": pd.Series(pd.to_datetime(["2020-01-02T03:04:05Z", "2021-01-01T00:00:00Z"])),
    "date": pd.Series([datetime.date(2020, 1, 2), datetime.date(2021, 1, 2)]),
    "sparse": pd.Series([0, 1.0, 0], dtype="Sparse[float64]"),
    "list": pd.Series([[1.0, 2.0], [3.0]]),
    "object": pd.Series([{"x": 1, "y": "a"}, {"x": 2, "y": "b"}]),
}
WITHOUT = {("list", "csv"), ("object", "csv")} | {
    ("sparse", form) for form in ("parquet", "arrow file", "arrow stream")
}
"""CSV has no lists and no objects, and Arrow no sparse columns."""


def rows_of(frame: pd.DataFrame) -> tuple[list[Any], list[Any]]:
    """The names and the rows of a frame, as JSON has them."""
    content = read_example(frame).content
    return content["columns"], content["data"]


def of_json(content: Any) -> Body:
    return json.dumps(content).encode(), JSON


def of_split(frame: pd.DataFrame) -> Body:
    names, rows = rows_of(frame)
    return of_json({"dataframe_split": {"columns": names, "data": rows}})


def of_records(key: str) -> Callable[[pd.DataFrame], Body]:
    def make(frame: pd.DataFrame) -> Body:
        names, rows = rows_of(frame)
        return of_json({key: [dict(zip(map(str, names), row, strict=True)) for row in rows]})

    return make


def of_columns(frame: pd.DataFrame) -> Body:
    names, rows = rows_of(frame)
    return of_json({"inputs": {str(name): [row[place] for row in rows] for place, name in enumerate(names)}})


def of_csv(frame: pd.DataFrame) -> Body:
    names, rows = rows_of(frame)
    return pd.DataFrame(rows, columns=[str(name) for name in names], dtype=object).to_csv(index=False).encode(), CSV


FORMS: dict[str, Callable[[pd.DataFrame], Body]] = {
    "dataframe_split": of_split,
    "split without names": lambda frame: of_json({"dataframe_split": {"data": rows_of(frame)[1]}}),
    "dataframe_records": of_records("dataframe_records"),
    "instances": of_records("instances"),
    "inputs": of_records("inputs"),
    "inputs by column": of_columns,
    "inputs without names": lambda frame: of_json({"inputs": rows_of(frame)[1]}),
    "csv": of_csv,
    "parquet": lambda frame: (arrow(frame, PARQUET), PARQUET),
    "arrow file": lambda frame: (arrow(frame, ARROW_FILE), ARROW_FILE),
    "arrow stream": lambda frame: (arrow(frame, ARROW_STREAM), ARROW_STREAM),
}


def saved(folder: Path, example: Any = None, signature: ModelSignature | None = None, model: Any = None) -> Path:
    mlyard.pyfunc.save_model(
        folder / "m",
        python_model=model or Seen(),
        signature=signature if signature or example is None else infer_signature(example),
        input_example=example,
        pip_requirements=[],
    )
    return folder / "m"


@pytest.mark.parametrize("kind", COLUMNS)
def test_what_reaches_the_model_does_not_depend_on_form_and_place(kind: str, tmp_path: Path) -> None:
    """It is what reaches the model in process, in the column of the type and in the one beside it."""
    frame = pd.DataFrame({"c": COLUMNS[kind], "n": range(len(COLUMNS[kind]))})
    folder = saved(tmp_path, frame)
    expected = ("predictions", json.loads(encode(mlyard.pyfunc.load_model(folder).predict(frame))))
    assert everywhere(folder, (folder / "serving_input_example.json").read_bytes(), JSON) == expected
    for form, make in FORMS.items():
        if (kind, form) not in WITHOUT:
            assert everywhere(folder, *make(frame)) == expected, form


TENSORS: dict[str, Any] = {
    **{kind: np.array([[1, 0], [0, 1]], kind) for kind in ("bool", "int8", "int16", "int32", "int64")},
    **{kind: np.array([[1, 0], [0, 1]], kind) for kind in ("uint8", "uint16", "uint32", "uint64")},
    **{kind: np.array([[0.1, 2], [0.5, NAN]], kind) for kind in ("float16", "float32", "float64")},
    "infinite": np.array([float("inf"), -float("inf")]),
    "largest": np.array([2**64 - 1, 0], "uint64"),
    "str": np.array(["a", "bcd"]),
    "object": np.array(["a", "bcd"], dtype=object),
    "bytes": np.array([b"a", b"\xff\xfe"]),
    "datetime": np.array(["2020-01-01T00:00:00", "2021-01-01T00:00:01.5", "NaT"], "datetime64[ns]"),
    "date": np.array(["2020-01-01"], "datetime64[D]"),
    "duration": np.array([1, 2], "timedelta64[s]"),
    "three dimensions": np.arange(12, dtype="float32").reshape(2, 2, 3),
    "named": {"x": np.array([[0.1, 2.0]], "float32"), "y": np.array([1], "int8")},
    "sparse": scipy.sparse.csr_matrix(np.array([[0, 1.5], [2, 0]], "float32")),
}


@pytest.mark.parametrize("kind", TENSORS)
def test_tensors_arrive_as_they_are_in_process(kind: str, tmp_path: Path) -> None:
    tensor = TENSORS[kind]
    folder = saved(tmp_path, tensor)
    expected = ("predictions", json.loads(encode(mlyard.pyfunc.load_model(folder).predict(tensor))))
    own = (folder / "serving_input_example.json").read_bytes()
    assert everywhere(folder, own, JSON) == expected
    values = json.loads(own)["inputs"]
    rows = (
        values
        if isinstance(values, list)
        else [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    )
    assert everywhere(folder, *of_json({"instances": rows})) == expected
    if kind not in {"named", "three dimensions"}:
        table = [row if isinstance(row, list) else [row] for row in rows]
        names = [f"c{place}" for place in range(len(table[0]))]
        frame = pd.DataFrame(table, columns=names, dtype=object)
        for body in (
            of_json({"dataframe_split": {"columns": names, "data": table}}),
            of_json({"dataframe_records": [dict(zip(names, row, strict=True)) for row in table]}),
            (frame.to_csv(index=False).encode(), CSV),
        ):
            assert everywhere(folder, *body) == expected, body


NAMES: dict[str, list[Any]] = {
    "levels": [("a", "x"), ("a", "y")],
    "numbers": [5, 7],
    "texts": ["b", "a"],
    "order only": [0, 1],
}


@pytest.mark.parametrize("kind", NAMES)
def test_names_of_every_kind_are_found_in_every_form(kind: str, tmp_path: Path) -> None:
    levels = isinstance(NAMES[kind][0], tuple)
    columns = pd.MultiIndex.from_tuples(NAMES[kind]) if levels else pd.Index(NAMES[kind])
    frame = pd.DataFrame([[1, "x"], [3, "y"]], columns=columns)
    folder = saved(tmp_path, frame)
    expected = ("predictions", json.loads(encode(mlyard.pyfunc.load_model(folder).predict(frame))))
    assert everywhere(folder, (folder / "serving_input_example.json").read_bytes(), JSON) == expected
    made = frame.set_axis(list(NAMES[kind]), axis=1) if levels else frame
    names, rows = NAMES[kind], frame.to_numpy().tolist()
    records = [dict(zip(map(str, names), row, strict=True)) for row in rows]
    for body in (
        of_json({"dataframe_split": {"columns": names[::-1], "data": [row[::-1] for row in rows]}}),
        of_json({"dataframe_records": records}),
        of_json({"instances": records}),
        of_json({"inputs": {str(name): [row[place] for row in rows] for place, name in enumerate(names)}}),
        (made.set_axis([str(name) for name in names], axis=1).to_csv(index=False).encode(), CSV),
        (arrow(frame, PARQUET), PARQUET),
    ):
        assert everywhere(folder, *body) == expected, body


LEVELS = {"dataframe_split": {"columns": [["a", "x"], ["a", "y"]], "data": [[1, 2.5]]}}
TWICE = {"dataframe_split": {"columns": ["a", "a"], "data": [[1, 2]]}}
UNSIGNED: dict[str, tuple[Body, Any]] = {
    "levels": (of_json(LEVELS), [["('a', 'x')", "int64", ["1"]], ["('a', 'y')", "float64", ["2.5"]]]),
    "equal names": (of_json(TWICE), [["a", "int64", ["1"]], ["a", "int64", ["2"]]]),
    "equal names in csv": ((b"a,a\n1,2\n", CSV), [["a", "int64", ["1"]], ["a", "int64", ["2"]]]),
    "byte order mark": ((b"\xef\xbb\xbfa\n1\n", CSV), [["a", "int64", ["1"]]]),
    "byte order mark in json": ((b'\xef\xbb\xbf{"inputs": [1]}', JSON), ["int64", "[1]"]),
    "ends of lines": ((b'a,b\r\n1,"x\r\ny"\r\n\r\n', CSV), [["a", "int64", ["1"]], ["b", "str", [r"'x\r\ny'"]]]),
    "old ends of lines": ((b"a\r1\r2\r", CSV), [["a", "int64", ["1", "2"]]]),
    "an empty line of one column": ((b"a\n1.5\n\n2\n", CSV), [["a", "float64", ["1.5", "nan", "2.0"]]]),
    "one value": (of_json({"inputs": 5}), ["int64", "5"]),
    "NaN and Infinity": ((b'{"inputs": [NaN, -Infinity]}', JSON), ["float64", "[nan, -inf]"]),
    "a chat": (of_json({"messages": [{"role": "user"}]}), {"messages": ["object", "[{'role': 'user'}]"]}),
}


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model without a signature."""
    return saved(tmp_path_factory.mktemp("unsigned"))


@pytest.mark.parametrize("case", UNSIGNED)
def test_without_a_signature(case: str, unsigned: Path) -> None:
    body, expected = UNSIGNED[case]
    assert everywhere(unsigned, *body) == ("predictions", expected)


KINDS: list[ColSpec] = [
    ColSpec("boolean", "b"),
    ColSpec("integer", "i"),
    ColSpec("long", "l"),
    ColSpec("float", "f"),
    ColSpec("double", "d"),
    ColSpec("string", "s"),
    ColSpec("binary", "x"),
    ColSpec("datetime", "t"),
    ColSpec(Array("double"), "v"),
    ColSpec(Map("long"), "m"),
    ColSpec(Object([Property("k", "string")]), "o"),
]
FITS = {
    "b": True, "i": 1, "l": 2, "f": 0.5, "d": 0.1, "s": "x", "x": "aGk=", "t": "2020-01-02", "v": [1.5], "m": {"p": 1},
    "o": {"k": "z"},
}  # fmt: skip
MISFITS: dict[str, list[Any]] = {
    "b": ["x", 2, [True]],
    "i": [2**31, 1.5, "x", None, [1]],
    "l": [2**63, 1.5, "x", None, {}],
    "f": [1e300, "x", [1], {}],
    "d": ["x", [1], {}],
    "s": [True, ["x"], {}, "\ud800"],
    "x": ["!", 1],
    "t": ["x", 5, "3000-01-01", True],
    "v": [1, ["x"], {}],
    "m": [1, {"p": "x"}, []],
    "o": [1, {"k": 1.5, "z": 1}, {}],
}


@pytest.mark.parametrize("name", MISFITS)
def test_what_does_not_fit_is_refused_everywhere_with_column_and_row(name: str, tmp_path: Path) -> None:
    folder = saved(tmp_path, signature=ModelSignature(Schema(KINDS)))
    for value in MISFITS[name]:
        rows: list[dict[str, Any]] = [FITS, FITS | {name: value}]
        names = list(FITS)
        for content in (
            {"dataframe_records": rows},
            {"dataframe_split": {"columns": names, "data": [[row[each] for each in names] for row in rows]}},
            {"instances": rows},
            {"inputs": rows},
            {"inputs": {each: [row[each] for row in rows] for each in names}},
            {"inputs": [[row[each] for each in names] for row in rows]},
        ):
            how, why = everywhere(folder, *of_json(content))
            assert (how, f"column {name}, row 1: " in why) == ("refused", True), (content, why)


REFUSED: dict[str, tuple[Body, str]] = {
    "mixed zones": (
        of_json({"dataframe_records": [{"t": "2020-01-01"}, {"t": "2020-01-01T00:00:00Z"}]}),
        "column t, row 1",
    ),
    "equal names": (
        of_json({"dataframe_split": {"columns": ["t", "t"], "data": [["2020-01-01"] * 2]}}),
        "several columns",
    ),
    "equal names in csv": ((b"t,t\n2020-01-01,2020-01-01\n", CSV), "several columns named 't'"),
    "a column is missing": (of_json({"dataframe_records": [{"z": 1}]}), "missing inputs ['t']"),
    "ragged": (
        of_json({"dataframe_split": {"columns": ["t", "u"], "data": [["2020-01-01", 1], ["2020-01-01"]]}}),
        "Row 1",
    ),
    "ragged csv": ((b"t,u\n2020-01-01,1\n2020-01-01,1,2\n", CSV), "row 1 has more cells"),
    "wrong in csv": ((b"t,u\n2020-01-01,1\nx,1\n", CSV), "column t, row 1"),
    "labels": (of_json({"dataframe_split": {"columns": ["t"], "index": [1, 2], "data": [["2020-01-01"]]}}), "2 labels"),
    "no columns": (of_json({"inputs": {"t": []}}), "empty"),
    "no rows": (of_json({"dataframe_split": {"columns": ["t"], "data": [[]]}}), "empty"),
    "params": (of_json({"inputs": [["2020-01-01"]], "params": [1]}), "'params'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_a_table_of_the_signature_is_refused_everywhere(case: str, tmp_path: Path) -> None:
    folder = saved(tmp_path, signature=ModelSignature(Schema([ColSpec("datetime", "t")])))
    body, reason = REFUSED[case]
    how, why = everywhere(folder, *body)
    assert (how, reason in why) == ("refused", True), why


class Colour(enum.Enum):
    """An answer of a class of the model's own."""

    RED = "red"


class Tensor:
    """Like a tensor of PyTorch."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def to_dense(self) -> Tensor:
        return self

    def tolist(self) -> list[Any]:
        return self.values


TWO_LEVELS = pd.DataFrame([[1, NAN]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]))
NULLABLE = {
    "i": pd.array([1, None], "Int64"),
    "b": pd.array([True, None], "boolean"),
    "s": pd.array(["x", None], "string"),
}
ANSWERS: dict[str, tuple[Any, Any]] = {
    "numbers": (np.array([NAN, float("inf"), 1.5]), [None, None, 1.5]),
    "python's numbers": ([NAN, -float("inf"), None, 10**30], [None, None, None, 10**30]),
    "half": (np.array([0.5], "float16"), [0.5]),
    "long double": (np.array([0.5], "longdouble"), [0.5]),
    "largest": (np.array([2**64 - 1], "uint64"), [2**64 - 1]),
    "scalars": ([np.float32(0.5), np.int8(1), np.bool_(True)], [0.5, 1, True]),
    "sparse matrix": (scipy.sparse.csr_matrix(np.eye(2)), [[1.0, 0.0], [0.0, 1.0]]),
    "sparse array": ({"a": scipy.sparse.coo_array(np.eye(2))}, {"a": [[1.0, 0.0], [0.0, 1.0]]}),
    "sparse column": (pd.DataFrame({"a": pd.arrays.SparseArray([0, 1.5])}), [{"a": 0.0}, {"a": 1.5}]),
    "levels": (TWO_LEVELS, [{"('a', 'x')": 1, "('a', 'y')": None}]),
    "equal names": (pd.DataFrame([[1, 2]], columns=["a", "a"]), [{"a": 1, "a.1": 2}]),
    "names that are written alike": (pd.DataFrame([[1, 2]], columns=[1, "1"]), [{"1": 1, "1.1": 2}]),
    "no rows": (pd.DataFrame({"a": []}), []),
    "nullable": (pd.DataFrame(NULLABLE), [{"i": 1, "b": True, "s": "x"}, {"i": None, "b": None, "s": None}]),
    "series": (pd.Series([1, 2], index=["p", "q"]), [{"0": 1}, {"0": 2}]),
    "category": (pd.Categorical(["a", None]), ["a", None]),
    "bytes": ([b"a", bytearray(b"b"), np.bytes_(b"c")], ["YQ==", "Yg==", "Yw=="]),
    "times": (np.array(["2020-01-01T00:00:00", "NaT"], "datetime64[s]"), ["2020-01-01T00:00:00", None]),
    "frame of times": (
        pd.DataFrame({"t": [pd.Timestamp("2020-01-01", tz="UTC"), None]}),
        [{"t": "2020-01-01T00:00:00+00:00"}, {"t": None}],
    ),
    "durations": (np.array([90, "NaT"], "timedelta64[s]"), ["P0DT0H1M30S", None]),
    "decimals": ([decimal.Decimal("19.99"), decimal.Decimal("NaN")], [19.99, None]),
    "keys": ({1: 2, None: NAN, (1, 2): 3}, {"1": 2, "None": None, "(1, 2)": 3}),
    "surrogate": (["\ud800"], ["\ud800"]),
    "enum": ([Colour.RED], ["red"]),
    "tensor": ({"a": Tensor([[1.5]])}, {"a": [[1.5]]}),
    "masked": (np.ma.array([1, 2], mask=[False, True]), [1, None]),
    "complex": (np.array([1 + 2j]), ["(1+2j)"]),
    "mixed objects": (np.array([1, "a", None, pd.NaT], dtype=object), [1, "a", None, None]),
}


class Says(mlyard.pyfunc.PythonModel):
    """Gives one answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        return self.answer


@pytest.mark.parametrize("kind", ANSWERS)
def test_answers_of_every_class_are_written_alike(kind: str, tmp_path: Path) -> None:
    answer, expected = ANSWERS[kind]
    folder = saved(tmp_path, model=Says(answer))
    assert everywhere(folder, *of_json({"inputs": [1]})) == ("predictions", expected)


ROW = {"a": 1, "x": 2.5}
SIGNATURES: dict[str, ModelSignature | None] = {
    "doubles": ModelSignature(Schema([ColSpec("double", "a"), ColSpec("double", "x")])),
    "floats": ModelSignature(Schema([ColSpec("float", "a"), ColSpec("float", "x")])),
    "without names": ModelSignature(Schema([ColSpec("double"), ColSpec("double")])),
    "tensor": ModelSignature(Schema([TensorSpec(np.dtype("float64"), (-1, 2))])),
    "float tensor": ModelSignature(Schema([TensorSpec(np.dtype("float32"), (-1, 2))])),
}


def bodies_of(row: list[Any]) -> list[Any]:
    """Bodies with a row that fits, and this one, whose record has another order."""
    records = [ROW, {"x": row[1], "a": row[0]}]
    split = {"columns": ["a", "x"], "data": [[1, 2.5], row]}
    return [
        *({"dataframe_split": split}, {"dataframe_split": {**split, "index": [1, 2, 3]}}),
        *({"dataframe_records": records}, {"inputs": split["data"]}, {"instances": split["data"]}),
    ]


ROWS = [[1, 2], [3, 0.25], ["1", "2.0"], [True, 1], [2**31 - 1, 1], ["x", 1], [{}, 1], [1, 1e300], [10**400, 1]]
BOTH_WAYS = (at_server, by_validation, by_file)


@pytest.mark.filterwarnings("ignore:X has feature names")
@pytest.mark.parametrize("kind", SIGNATURES)
def test_a_matrix_is_read_as_a_data_frame_is(kind: str, tmp_path: Path) -> None:
    """The server reads rows of numbers directly to a matrix, and the other places to a data frame."""
    model = LinearRegression().fit([[1.0, 2.0], [2.0, 1.0], [3.0, 5.0]], [0.0, 1.0, 2.0])
    mlyard.sklearn.save_model(model, tmp_path / "m", signature=SIGNATURES[kind], pip_requirements=[])
    assert mlyard.pyfunc.load_model(tmp_path / "m").matrix_path() is not None
    for row in ROWS:
        for content in bodies_of(row):
            matrix, *frames = (place(tmp_path / "m", *of_json(content)) for place in BOTH_WAYS)
            for how, what in frames:
                assert matrix[0] == how, content
                assert how == "refused" or matrix[1] == pytest.approx(what), content


def test_a_matrix_may_be_answered_with_a_sparse_one(tmp_path: Path) -> None:
    labels = scipy.sparse.csr_matrix(np.array([[0, 1], [1, 0], [1, 1]]))
    model = OneVsRestClassifier(LogisticRegression()).fit([[0.0], [1.0], [2.0]], labels)
    mlyard.sklearn.save_model(model, tmp_path / "m", pip_requirements=[])
    assert everywhere(tmp_path / "m", *of_json({"inputs": [[0.0], [2.0]]}))[0] == "predictions"
