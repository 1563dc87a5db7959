"""Rows of JSON numbers as a matrix: by name, without loss, and with messages that say where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlyard.core.errors import InvalidParameter
from mlyard.models.input.matrix import REMEMBERED_ORDERS, MatrixPlan, matrix_plan
from mlyard.models.signature.schema import ColSpec, Schema, TensorSpec


def plan(kind: str = "double", names: tuple[Any, ...] = ("a", "b")) -> MatrixPlan:
    found = matrix_plan(Schema([ColSpec(kind, name) for name in names]))
    assert found
    return found


@pytest.mark.parametrize(
    ("kind", "rows", "expected"),
    [
        ("double", [[1, 2.5], [None, "3"]], [[1, 2.5], [np.nan, 3]]),
        ("double", [[True, 2**60]], [[1, 2.0**60]]),
        ("float", [[1.5, None]], [[1.5, np.nan]]),
        ("float", [[0.1, 1]], [[0.1, 1]]),
        ("long", [[1, 2], [3.0, "4"]], [[1, 2], [3, 4]]),
        ("long", [[2**53 + 1, 1.0]], [[2**53 + 1, 1]]),
        ("long", [[True, False]], [[1, 0]]),
        ("integer", [[2**31 - 1, -(2**31)]], [[2**31 - 1, -(2**31)]]),
        ("double", [], np.empty((0, 2))),
    ],
)
def test_values_become_what_the_schema_says(kind: str, rows: list[list[Any]], expected: Any) -> None:
    made = plan(kind).rows(["a", "b"], rows)
    dtype = {"double": "float64", "float": "float32", "long": "int64", "integer": "int32"}[kind]
    assert made.dtype == dtype
    np.testing.assert_array_equal(made, np.array(expected, dtype))


@pytest.mark.parametrize(
    ("kind", "rows", "message"),
    [
        ("double", [[1, 2], [3, "x"]], r"column b, row 1: 'x' cannot be read as a number \(expected double"),
        ("double", [[1, [2]]], r"column b, row 0: \[2\] is not a number"),
        ("double", [[{}, 2]], "column a, row 0: {} is not a number"),
        ("double", [[10**400, 2]], "column a, row 0: 1000"),
        ("float", [[1e300, 2]], r"column a, row 0: 1e\+300 is too large \(expected float\)"),
        ("long", [[1, 2], [1, 2.5]], "column b, row 1: 2.5 has a fraction"),
        ("long", [[None, 2]], "column a, row 0: integers cannot be missing"),
        ("long", [[2**63, 2]], "column a, row 0: 9223372036854775808 does not fit into int64"),
        ("long", [[1.0, float("nan")]], "column b, row 0: nan is not an integer"),
        ("integer", [[2**31, 2]], "column a, row 0: 2147483648 does not fit into int32"),
        ("double", [[1, 2], [3]], "Row 1 must be a list of 2 values"),
        ("double", [[1, 2, 3]], "Row 0 must be a list of 2 values"),
        ("double", [1, 2], "Row 0 must be a list of 2 values"),
        ("double", ["ab"], "Row 0 must be a list of 2 values"),
        ("double", [[[1], [2]]], r"column a, row 0: \[1\] is not a number"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(kind: str, rows: list[Any], message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        plan(kind).rows(["a", "b"], rows)
    with pytest.raises(InvalidParameter, match=message):
        plan(kind).rows(None, rows)


def test_columns_are_matched_by_name() -> None:
    shuffled = plan().rows(["c", "b", "a"], [[9, 2, 1]])
    assert shuffled.tolist() == [[1, 2]]
    assert plan().rows(["c", "b", "a"], [["dropped", 2, 1]]).tolist() == [[1, 2]]
    with pytest.raises(InvalidParameter, match="column b, row 0: 'x' cannot be read as a number"):
        plan().rows(["c", "b", "a"], [["dropped", "x", 1]])
    assert plan().rows(None, [[1, 2]]).tolist() == [[1, 2]]
    assert plan().records([{"b": 2, "c": "x", "a": 1}]).tolist() == [[1, 2]]


def test_missing_columns_are_named() -> None:
    with pytest.raises(InvalidParameter, match=r"missing inputs \['b'\]\. It has the columns \['c'\]"):
        plan().rows(["a", "c"], [[1, 2]])
    with pytest.raises(InvalidParameter, match=r"missing inputs \['b'\]"):
        plan().records([{"a": 1}, {"a": 2}])
    with pytest.raises(InvalidParameter, match="several columns named 'a'"):
        plan().rows(["a", "b", "a"], [[1, 2, 3]])


def test_a_key_that_one_record_lacks_is_a_missing_value() -> None:
    assert np.isnan(plan().records([{"a": 1, "b": 2}, {"a": 3}])[1, 1])
    with pytest.raises(InvalidParameter, match="column b, row 1: integers cannot be missing"):
        plan("long").records([{"a": 1, "b": 2}, {"a": 3}])


def test_without_names_order_rules() -> None:
    unnamed = plan(names=(None, None))
    assert unnamed.rows(["x", "y", "z"], [[1, 2, 3]]).tolist() == [[1, 2]]
    assert unnamed.records([{"x": 1, "y": 2}]).tolist() == [[1, 2]]
    with pytest.raises(InvalidParameter, match="takes 2 columns; the input has 1"):
        unnamed.rows(["x"], [[1]])


def test_a_tensor_of_two_dimensions_has_a_plan() -> None:
    made = matrix_plan(Schema([TensorSpec(np.dtype("float32"), (-1, 2))]))
    assert made
    assert made.rows(None, [[1, 2.5]]).dtype == np.float32
    with pytest.raises(InvalidParameter, match="takes 2 columns; the input has 3"):
        made.rows(["a", "b", "c"], [[1, 2, 3]])


@pytest.mark.parametrize(
    "schema",
    [
        Schema([ColSpec("double", "a"), ColSpec("long", "b")]),
        Schema([ColSpec("double", "a", required=False)]),
        Schema([ColSpec("string", "a")]),
        Schema([ColSpec("double", "a"), ColSpec("double", "a")]),
        Schema([TensorSpec(np.dtype("float64"), (-1,))]),
        Schema([TensorSpec(np.dtype("float64"), (-1, 2), "x")]),
        Schema([TensorSpec(np.dtype("str"), (-1, 2))]),
    ],
    ids=str,
)
def test_other_schemas_have_none(schema: Schema) -> None:
    assert matrix_plan(schema) is None


def test_an_attacker_cannot_fill_the_memory_with_orders() -> None:
    made = plan()
    for number in range(3 * REMEMBERED_ORDERS):
        made.rows([f"c{number}", "b", "a"], [[0, 2, 1]])
    assert len(made._orders) <= REMEMBERED_ORDERS


def test_integers_and_doubles_become_doubles_for_who_asks() -> None:
    schema = Schema([ColSpec("double", "a"), ColSpec("integer", "b"), ColSpec("long", "c")])
    made = matrix_plan(schema, mixed=True)
    assert made
    assert made.rows(["c", "b", "a"], [[2**40, "2", 1.5], [3.0, 2, None]]).tolist()[0] == [1.5, 2.0, 2.0**40]
    assert made.records([{"a": 1, "b": 2, "c": 3}]).dtype == np.float64
    for row, message in (
        ([1.5, 2.5, 1], "column b, row 0: 2.5 has a fraction"),
        ([1.5, 2**31, 1], "column b, row 0: 2147483648 does not fit into int32"),
        ([1.5, 1, None], "column c, row 0: integers cannot be missing"),
        (["x", 1, 1], "column a, row 0: 'x' cannot be read as a number"),
    ):
        with pytest.raises(InvalidParameter, match=message):
            made.rows(None, [row])
    assert matrix_plan(Schema([ColSpec("double", "a"), ColSpec("float", "b")]), mixed=True) is None
