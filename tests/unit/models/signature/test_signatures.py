"""Signatures in use: messages that say where, params, type hints, polars, examples and request bodies."""

from __future__ import annotations

import datetime as dt
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pydantic
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.models import (
    ModelSignature,
    convert_input_example_to_serving_input,
    infer_signature,
    signature_from_type_hints,
    validate_serving_input,
)
from mlyard.models.body.read import read_content
from mlyard.models.format.example import save_example
from mlyard.models.format.metadata import MLmodel
from mlyard.models.input.matrix import matrix_plan
from mlyard.models.input.table import enforce
from mlyard.models.pyfunc import PyFuncModel
from mlyard.models.signature.params import enforce_params
from mlyard.models.signature.type_hints import held_to_hint, input_hint
from mlyard.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec
from mlyard.types.schema import Array, Map, Object, Property


def one(kind: Any, required: bool = True) -> Schema:
    return Schema([ColSpec(kind, "a", required)])


@pytest.mark.parametrize(
    ("schema", "data", "message"),
    [
        (one("long"), pd.DataFrame({"a": [1.5]}), "column a. Can not safely convert float64 to long"),
        (one("long"), pd.DataFrame({"a": [1.0, None]}), "column a. .*Row 1 .*integers cannot be missing"),
        (one("long"), pd.DataFrame({"a": pd.array([1, None], "Int64")}), "column a. .*Row 1 has no value"),
        (one("float"), pd.DataFrame({"a": [1.5]}), r"column a. .*lose digits.*astype\('float32'\)"),
        (one("double"), pd.DataFrame({"a": [1, 2**53 + 1]}), "column a. Can not safely convert int64 to double"),
        (one("string"), pd.DataFrame({"a": ["x", 1]}), r"column a, row 1: 1 is not a string \(expected string"),
        (one("boolean"), {"a": [True, 2]}, "column a, row 1: 2 is not a boolean"),
        (one("datetime"), {"a": ["soon"]}, "column a, row 0: 'soon' is not a datetime"),
        (one("datetime"), pd.DataFrame({"a": np.array(["9999-01-01"], "datetime64[s]")}), "column a. .*datetime64"),
        (one(Array("long")), [{"a": [1]}, {"a": [1, "x"]}], "column a, row 1: 'x' is not an integer"),
        (one(Map("long")), [{"a": {"k": "v"}}], "column a, row 0: 'v' is not an integer"),
        (
            one(Object([Property("x", Object([Property("y", "long")]))])),
            [{"a": {"x": {"y": "b"}}}],
            "column a, row 0: property 'x': property 'y': 'b' is not an integer",
        ),
        (one(Object([Property("x", "long")])), [{"a": {"z": 1}}], r"row 0: it has the properties \['z'\]"),
        (one(Object([Property("x", "long")])), [{"a": {}}], r"row 0: it lacks the properties \['x'\]"),
        (one("long"), {"b": [1]}, r"missing inputs \['a'\]. It has the columns \['b'\]"),
        (one("long"), pd.DataFrame([[1, 2]], columns=["a", "a"]), "several columns named 'a'"),
        (Schema([ColSpec("long", "a"), ColSpec("long", "b")]), [[1, 2, 3]], "no column names, and has 3 columns"),
        (Schema([ColSpec("long"), ColSpec("long")]), [[1]], "takes 2 columns; the input has 1"),
        (one("long"), None, "not NoneType"),
        (one("long"), {"a": [1, 2], "b": [1]}, "different lengths: {'a': 2, 'b': 1}"),
        (Schema([TensorSpec(np.dtype("float32"), (-1, 2))]), np.ones((1, 2)), r"float64 cannot be .*digits"),
        (Schema([TensorSpec(np.dtype("float64"), (-1, 2), "x")]), {"x": [[1, 2, 3]]}, r"\(1, 3\) .*input 'x'"),
        (Schema([TensorSpec(np.dtype("int64"), (-1,))]), [1.5], r"row 0: 1.5 has a fraction \(expected int64\)"),
        (Schema([TensorSpec(np.dtype("float64"), (-1, 2))]), [[1], [1, 2]], "cannot become an array of float64"),
    ],
)  # fmt: skip
def test_refusals_say_where_and_why(schema: Schema, data: Any, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        enforce(data, schema)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("boolean", 1, True),
        ("integer", "7", 7),
        ("long", 2.0, 2),
        ("double", "1.5", 1.5),
        ("double", True, 1.0),
        ("string", 1, "1"),
        ("binary", "eA==\n", b"x"),
        ("datetime", "2020-01-02T03:04:05", pd.Timestamp(2020, 1, 2, 3, 4, 5)),
        (Array("binary"), ["eA=="], [b"x"]),
        (Object([Property("x", "datetime")]), {"x": "2020-01-02"}, {"x": pd.Timestamp(2020, 1, 2)}),
    ],
)
def test_values_of_json_get_the_types_of_the_schema(kind: Any, value: Any, expected: Any) -> None:
    frame = pd.DataFrame({"a": [value]}, dtype=object)
    (made,) = enforce(frame, one(kind), from_json=True)["a"]
    assert made == expected
    if kind not in ("long",):
        with pytest.raises(InvalidParameter, match="column a, row 0"):
            enforce(frame, one(kind))


def test_rows_of_json_become_the_frame_that_a_frame_of_them_becomes() -> None:
    schema = Schema([ColSpec("long", "a"), ColSpec("string", "b"), ColSpec(Array("double"), "c", required=False)])
    rows = [["x", 1, [1], 0], ["y", 2.0, None, 0]]
    names = ["b", "a", "c", "unused"]
    through_frame = enforce(pd.DataFrame(rows, columns=names, dtype=object), schema, from_json=True)

    def enforced(columns: list[str] | None, rows: list[Any]) -> Any:
        body = {"dataframe_split": {"columns": columns, "data": rows}}
        return enforce(read_content(body, ModelSignature(schema)).data, schema, from_json=True)

    pd.testing.assert_frame_equal(enforced(names, rows), through_frame)
    pd.testing.assert_frame_equal(enforced(None, [[1, "x", [1.0]], [2, "y", None]]), through_frame)
    for columns, broken, message in (
        (["a"], [[1]], r"missing inputs \['b'\]"),
        (["a", "b", "a"], [[1, "x", 2]], "several columns named 'a'"),
        (["a", "b"], [[1, "x"], [1]], "Row 1 must be a list of 2 values"),
        (["a", "b"], [[1.5, "x"]], "column a, row 0: 1.5 has a fraction"),
    ):
        with pytest.raises(InvalidParameter, match=message):
            enforced(columns, broken)


DEEP: Any = 1
for _ in range(100_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "schema",
    [one("double"), one(Array("double")), one("string"), Schema([TensorSpec(np.dtype("float64"), (-1, 2))])],
    ids=str,
)
@pytest.mark.parametrize("value", [DEEP, 10**6000, [10**6000]], ids=["deep", "large", "list"])
def test_monstrous_values_are_refused_like_others(schema: Schema, value: Any) -> None:
    for data in ({"a": value}, [{"a": value}], [[value, value]]):
        with pytest.raises(InvalidParameter) as refused:
            enforce(data, schema, from_json=True)
        assert len(str(refused.value)) < 1000
    plan = matrix_plan(schema)
    if plan:
        with pytest.raises(InvalidParameter):
            plan.rows(None, [[value] * plan.width])


def test_a_frame_that_fits_is_not_copied() -> None:
    frame = pd.DataFrame({"a": [1.5], "b": ["x"]})
    schema = infer_signature(frame).inputs
    assert schema
    assert enforce(frame, schema) is frame


def test_unknown_params_are_ignored_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    schema = ParamSchema([ParamSpec("p", "double", 1)])
    with caplog.at_level(logging.WARNING):
        assert enforce_params({"p": 2, "z": 1}, schema) == {"p": 2.0}
    assert "['z']" in caplog.text
    assert enforce_params(None, None) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("p", "long", 1.5), "1.5 of the param 'p' does not fit: 1.5 has a fraction"),
        (("p", "binary", b"x"), "'p' cannot be binary"),
        (("p", Array("long"), [1]), r"'p' cannot be Array\(long\)"),
        (("p", "long", [1], (2,)), r"the shape \(2,\); it must be None"),
        (("p", "long", 1, (-1,)), "expected a one-dimensional list"),
        (("p", "nothing", 1), "'nothing' is not a type"),
    ],
)
def test_params_that_cannot_be_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        ParamSpec(*arguments)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Schema([]), "at least one column"),
        (lambda: Schema([ColSpec("long", "a"), ColSpec("long")]), "have names or none has"),
        (lambda: Schema([ColSpec("long", None, required=False)]), "Optional columns must have names"),
        (lambda: Schema([ColSpec("long"), TensorSpec(np.dtype("int64"), (-1,))]), "not both"),
        (lambda: Object([]), "needs properties"),
        (lambda: Schema.from_json("x"), "cannot be read"),
        (lambda: Schema.from_json('[{"name": "a"}]'), "cannot be read"),
        (lambda: Schema.from_json('[{"type": "array", "items": ' * 9999), "cannot be read"),
        (lambda: ParamSchema.from_json('[{"name": "a"}]'), "cannot be read"),
        (lambda: ModelSignature(inputs=[1]), "must be a Schema"),  # type: ignore[arg-type]
        (infer_signature, "an example of the input"),
    ],
)
def test_schemas_that_cannot_be_are_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        make()


def test_files_of_older_versions_are_read() -> None:
    assert Schema.from_json('[{"type": "long", "name": "a", "optional": true}]') == one("long", required=False)
    assert Schema.from_json('[{"type": "long", "name": "a"}]') == one("long")
    assert Schema.from_json('[{"type": "sparkml_vector", "name": "a"}]') == one(Array("double"))
    assert ParamSchema.from_json('[{"name": "p", "dtype": "long", "default": 1}]').params[0].dtype is DataType.long


def test_signatures_look_as_scripts_expect() -> None:
    signature = infer_signature(pd.DataFrame({"a": [1], "b": ["x"]}), np.array([1.5]), {"p": 1})
    assert str(signature) == (
        "inputs: \n  ['a': long (required), 'b': string (required)]\n"
        "outputs: \n  [Tensor('float64', (-1,))]\nparams: \n  ['p': long (default: 1)]\n"
    )
    assert signature.inputs
    assert signature.inputs.input_names() == ["a", "b"]
    assert signature.inputs.input_types() == [DataType.long, DataType.string]
    assert signature.inputs.pandas_types() == [np.dtype("int64"), object]


def test_scripts_find_the_names_where_mlflow_has_them() -> None:
    code = """
import mlyard as mlflow
from mlyard.models.signature import ModelSignature, infer_signature
from mlyard.types.schema import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec
assert mlflow.models.infer_signature is infer_signature and mlflow.models.ModelSignature is ModelSignature
assert mlflow.types.Schema is Schema and mlflow.types.schema.ColSpec is mlflow.types.ColSpec is ColSpec
assert mlflow.types.DataType.long == "long"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_polars_is_inferred_and_accepted() -> None:
    frame = pl.DataFrame(
        {
            "i": [1, None],
            "f": [1.5, 2.5],
            "s": ["x", "y"],
            "b": [True, False],
            "l": [[1], [2, 3]],
            "d": [{"x": 1}, {"x": 2}],
        },
        schema_overrides={"i": pl.Int32},
    )
    frame = frame.with_columns(t=pl.lit(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)).dt.replace_time_zone(None))
    schema = infer_signature(frame).inputs
    assert schema
    assert repr(schema) == (
        "['i': integer (optional), 'f': double (required), 's': string (required), 'b': boolean (required), "
        "'l': Array(long) (required), 'd': {x: long (required)} (required), 't': datetime (required)]"
    )
    accepted = enforce(frame.select(reversed(frame.columns)), schema)
    assert list(accepted.columns) == frame.columns
    assert accepted["f"].tolist() == [1.5, 2.5]
    assert accepted["i"].isna().tolist() == [False, True]
    assert enforce(frame.lazy(), schema)["s"].tolist() == ["x", "y"]


class Question(pydantic.BaseModel):
    """What a model is asked."""

    text: str
    limit: int | None = None


def test_hints_hold_the_input_and_make_models_of_it() -> None:
    def predict(questions: list[Question], params: dict[str, Any] | None = None) -> list[str]:
        return [question.text for question in questions]

    signature = signature_from_type_hints(predict)
    assert signature
    assert repr(signature.inputs) == "[{limit: long (optional), text: string (required)} (required)]"
    hint = input_hint(predict)
    assert predict(held_to_hint([{"text": "a"}, Question(text="b")], hint)) == ["a", "b"]
    assert predict(held_to_hint(pd.DataFrame({"text": ["a"]}), hint)) == ["a"]
    with pytest.raises(InvalidParameter, match=r"Item 1 .*list\[.*Question\]: text: Input should be a valid string"):
        held_to_hint([{"text": "a"}, {"text": 1}], hint)
    assert held_to_hint([{"text": "a", "limit": "3"}], hint, from_json=True)[0].limit == 3


def test_functions_without_hints_of_content_make_no_signature(caplog: pytest.LogCaptureFixture) -> None:
    def of_frame(data: pd.DataFrame) -> list[str]:
        return []

    def of_nothing(data):  # type: ignore[no-untyped-def]
        return data

    def of_sets(data: list[set[int]]) -> None: ...

    assert signature_from_type_hints(of_frame) is signature_from_type_hints(of_nothing) is None
    assert signature_from_type_hints(of_sets) is None
    assert "set[int] is not a type that a schema can hold" in caplog.text


class Answers:
    """A predictor of a third party, whose input is declared by a hint."""

    input_hint = list[Question]

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        return [question.text * (params or {}).get("times", 0) for question in data]

    def unwrap(self) -> Any:
        return self


def test_a_loaded_model_holds_its_input_to_hints_and_its_params_to_their_types() -> None:
    signature = ModelSignature(params=ParamSchema([ParamSpec("times", "long", 2)]))
    model = PyFuncModel(MLmodel(flavors={}, signature_text=signature.to_dict()), Answers())
    assert model.predict([{"text": "a"}]) == ["aa"]
    assert model.predict([{"text": "a"}], {"times": 3}) == ["aaa"]
    with pytest.raises(InvalidParameter, match="Item 0"):
        model.predict([{"words": "a"}])
    with pytest.raises(InvalidParameter, match=r"'times' does not fit: 1\.5 has a fraction"):
        model.predict([{"text": "a"}], {"times": 1.5})


@pytest.fixture
def saved(tmp_path: Path) -> str:
    data = pd.DataFrame({"a": [1.0, 2.0], "b": [3, 4]})
    model = LinearRegression().fit(data, [1.0, 2.0])
    mlyard.sklearn.save_model(model, tmp_path / "m", signature=infer_signature(data), input_example=data)
    return str(tmp_path / "m")


@pytest.mark.parametrize(
    "body",
    [
        '{"dataframe_split": {"columns": ["b", "a"], "data": [[3, 1]]}}',
        {"dataframe_split": {"data": [[1, 3]]}},
        {"dataframe_records": [{"b": 3, "a": 1}]},
        {"instances": [{"b": 3, "a": 1}]},
        {"inputs": {"b": [3], "a": [1]}},
        {"inputs": [[1, 3]], "params": {"ignored": 1}},
    ],
)
def test_request_bodies_can_be_tried(saved: str, body: Any) -> None:
    assert validate_serving_input(saved, body).tolist() == pytest.approx([1.0])


def test_the_saved_serving_example_can_be_tried(saved: str) -> None:
    body = Path(saved, "serving_input_example.json").read_text()
    assert validate_serving_input(saved, body).tolist() == pytest.approx([1.0, 2.0])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x", "not valid JSON"),
        ("[1]", "must be a JSON object with one of the keys"),
        ({"x": 1}, "exactly one of"),
        ({"inputs": [1], "instances": [1]}, "exactly one of"),
        ({"inputs": [[1, 2]], "params": [1]}, "'params' must be a JSON object"),
        ({"dataframe_split": {"columns": ["a"]}}, "must be an object with the rows"),
        ({"dataframe_records": [{"a": "x", "b": 1}]}, "column a, row 0: 'x' cannot be read as a number"),
    ],
)
def test_broken_request_bodies_are_refused(saved: str, body: Any, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        validate_serving_input(saved, body)


def test_a_damaged_or_missing_example_is_said(tmp_path: Path) -> None:
    mlmodel = MLmodel(flavors={}, saved_input_example_info={"type": "dataframe", "artifact_path": "../secret.json"})
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "m").mkdir()
    with pytest.raises(DoesNotExist, match=r"m/secret\.json"):
        mlmodel.load_input_example(tmp_path / "m")
    (tmp_path / "m" / "secret.json").write_text("{")
    with pytest.raises(InvalidParameter, match="damaged"):
        mlmodel.load_input_example(tmp_path / "m")
    empty = MLmodel(flavors={})
    assert empty.load_input_example(tmp_path) is empty.load_input_example_params(tmp_path) is None


def test_examples_of_polars_and_all_sparse_matrices_are_saved(tmp_path: Path) -> None:
    save_example(pl.DataFrame({"a": [1]}), tmp_path)
    assert json.loads((tmp_path / "input_example.json").read_text()) == {"columns": ["a"], "data": [[1]]}
    assert save_example(sp.coo_array(np.eye(2)), tmp_path)["type"] == "sparse_matrix_csr"
    with pytest.raises(InvalidParameter, match="cannot contain object"):
        save_example([object()], tmp_path)
    assert convert_input_example_to_serving_input(None) is None


def test_columns_of_one_name_are_each_taken_once() -> None:
    frame = pd.DataFrame([[1.0, 2.0]], columns=["a", "a"])
    schema = Schema([ColSpec(DataType.double, "a"), ColSpec(DataType.double, "a")])
    assert enforce(frame, schema).to_numpy().tolist() == [[1.0, 2.0]]
