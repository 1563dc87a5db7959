"""The search language: what is read, what is refused, and how the refusal says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.core.errors import InvalidParameter
from mlyard.search import fields
from mlyard.search.ast import And, Comparison, Not, Or, Order
from mlyard.search.parser import parse_filter, parse_order

READ = [
    ("metrics.rmse < 2", Comparison("metric", "rmse", "<", 2.0)),
    ("metric.`a b` >= -1e3", Comparison("metric", "a b", ">=", -1000.0)),
    ("params.alpha = '0.5'", Comparison("param", "alpha", "=", "0.5")),
    ('parameters."x" != "it\'s"', Comparison("param", "x", "!=", "it's")),
    ("params.q = 'it''s'", Comparison("param", "q", "=", "it's")),
    ("tags.mlflow.source.name LIKE '%.py'", Comparison("tag", "mlflow.source.name", "LIKE", "%.py")),
    ("tags.\"mlflow.parentRunId\" ilike 'A%'", Comparison("tag", "mlflow.parentRunId", "ILIKE", "A%")),
    ("params.q IS NOT NULL", Comparison("param", "q", "IS NOT NULL", None)),
    ("tags.q is null", Comparison("tag", "q", "IS NULL", None)),
    ("attributes.start_time > 5", Comparison("attribute", "start_time", ">", 5.0)),
    ("created<=7", Comparison("attribute", "start_time", "<=", 7.0)),
    ("status = 'FINISHED'", Comparison("attribute", "status", "=", "FINISHED")),
    ("run_id IN ('a', 'b')", Comparison("attribute", "run_id", "IN", ("a", "b"))),
    ("datasets.name IN ('a', 'b')", Comparison("dataset", "name", "IN", ("a", "b"))),
    ("run_name not in ('a')", Comparison("attribute", "run_name", "NOT IN", ("a",))),
]

REFUSED = [
    ("metrics.rmse <", "at its end"),
    ("foo.bar = 1", "Invalid entity type 'foo'"),
    ("params.a = 1", "Expected a quoted string value for parameter"),
    ("metrics.a = 'x'", "Expected numeric value type for metric"),
    ("metrics.a LIKE 1", "Invalid comparator 'LIKE'"),
    ("params.a > '1'", "Invalid comparator '>'"),
    ("status = 'FINISHED' garbage", "'garbage'"),
    ("params.a = '1' OR 1=1", "'1'"),
    ("(params.a = '1'", "at its end"),
    ("params.a = '1')", "')'"),
    ("datasets.name IN ('a'", "at its end"),
    ("start_time IN ('1')", "Invalid comparator 'IN' for attribute 'start_time'"),
    ("a" * 10_001, "The filter has 10001 characters; the limit is 10000."),
    ("NOT", "at its end"),
    ("params.a = '1' OR", "at its end"),
    ("(" * 40 + "params.a = '1'" + ")" * 40, "nested more than 30 deep"),
    ("NOT " * 2000 + "params.a = '1'", "nested more than 30 deep"),
    ("params.a = 'a\0b'", "NUL"),
    ("dataset.size = '1'", "Invalid dataset key"),
    ("params.a = '1' --", "'--'"),
    ("nonsense = 'x'", "Invalid attribute key 'nonsense'"),
    ("tags. = 'x'", "has no key"),
    ("metrics.a IS NULL", "use it with params and tags"),
    ("params.a IN ('x')", "use it with text attributes"),
    ("__import__('os').system('x')", "Invalid"),
    ("params.a = 'unclosed", "cannot be parsed"),
    ("x" * 20_000, "20000 characters"),
    (" AND ".join(["metrics.a > 1"] * 101), "more than 100 clauses"),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_comparison_is_read(text: str, expected: Comparison) -> None:
    assert parse_filter(text, fields.RUNS) == expected


def test_comparisons_are_joined_by_and() -> None:
    node = parse_filter("metrics.a > 1 AND params.b = 'x' and tags.c != 'AND'", fields.RUNS)
    assert isinstance(node, And)
    assert len(node.parts) == 3


def test_and_binds_closer_than_or_and_not_closest() -> None:
    a, b, c = (Comparison("tag", key, "=", "1") for key in "abc")
    read = parse_filter("tags.a = '1' OR NOT tags.b = '1' AND tags.c = '1'", fields.RUNS)
    assert read == Or((a, And((Not(b), c))))
    assert parse_filter("not (tags.a = '1' or tags.b = '1') and tags.c = '1'", fields.RUNS) == And((Not(Or((a, b))), c))


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_filter_holds_always(text: str) -> None:
    assert parse_filter(text, fields.RUNS) is None


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_a_malformed_filter_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        parse_filter(text, fields.RUNS)
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.rmse DESC", Order("metric", "rmse", ascending=False)),
        ("start_time", Order("attribute", "start_time", ascending=True)),
        ("params.`a b` asc", Order("param", "a b", ascending=True)),
    ],
)
def test_an_order_is_read(text: str, expected: Order) -> None:
    assert parse_order(text, fields.RUNS) == expected


@pytest.mark.parametrize("text", ["metrics.a; DROP TABLE runs", "metrics.a b c", "metrics.a DESC DESC", ""])
def test_a_malformed_order_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter, match="order_by"):
        parse_order(text, fields.RUNS)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("dataset.name", "Results cannot be ordered by datasets."),
        ("a" * 10_001, "The order_by has 10001 characters; the limit is 10000."),
    ],
)
def test_a_refused_order_has_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        parse_order(text, fields.RUNS)
    assert caught.value.message.endswith(reason)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_but_never_fails_otherwise(text: str) -> None:
    try:
        parse_filter(text, fields.RUNS)
    except InvalidParameter:
        return


@given(
    key=st.text("ab c.-/:", min_size=1).filter(lambda s: "`" not in s),
    value=st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=50),
)
def test_quoting_keeps_keys_and_values(key: str, value: str) -> None:
    quoted = value.replace("'", "''")
    assert parse_filter(f"params.`{key}` = '{quoted}'", fields.RUNS) == Comparison("param", key, "=", value)
