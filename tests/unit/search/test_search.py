"""The search language: what is read, what is refused, and how the refusal says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.core.errors import InvalidParameter
from mlyard.domain.limits import MAX_ORDERS
from mlyard.search import fields
from mlyard.search.ast import And, Comparison, Not, Or, Order
from mlyard.search.parser import parse_filter, parse_order, parse_orders

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
    ("run_id IN ('a', 'b',)", Comparison("attribute", "run_id", "IN", ("a", "b"))),
    ("params.a <> 'x'", Comparison("param", "a", "!=", "x")),
    ("`run name` = 'x'", Comparison("attribute", "run_name", "=", "x")),
    ('"start time" > 5', Comparison("attribute", "start_time", ">", 5.0)),
    ("attributes.Created > 5", Comparison("attribute", "start_time", ">", 5.0)),
    ("`params`.`a b` = 'x'", Comparison("param", "a b", "=", "x")),
    ("`params`.a = 'x'", Comparison("param", "a", "=", "x")),
    ("'params'.'a b' = 'x'", Comparison("param", "a b", "=", "x")),
    ('"params"."a b" = "x"', Comparison("param", "a b", "=", "x")),
    ("metrics.'a b' > 1", Comparison("metric", "a b", ">", 1.0)),
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


MESSAGES = [
    ("metrics.rmse <", "Invalid clause(s) in filter string: 'metrics.rmse <' cannot be parsed at its end."),
    ("status = 'F' or", "Invalid clause(s) in filter string: \"status = 'F' or\" cannot be parsed at its end."),
    ("user = 'F' x", "Invalid clause(s) in filter string: \"user = 'F' x\" cannot be parsed at 'x' (character 12)."),
    (
        "params.a x 'F'",
        "Invalid clause(s) in filter string: \"params.a x 'F'\" cannot be parsed at 'x' (character 10).",
    ),
    (
        "NOT user x 'F'",
        "Invalid clause(s) in filter string: \"NOT user x 'F'\" cannot be parsed at 'x' (character 10).",
    ),
    ("(user = 'F' ,", "Invalid clause(s) in filter string: \"(user = 'F' ,\" cannot be parsed at ',' (character 13)."),
    ("user IN ,", "Invalid clause(s) in filter string: 'user IN ,' cannot be parsed at ',' (character 9)."),
    ("user = ?", "Invalid clause(s) in filter string: '?' cannot be parsed."),
    ("params.a = 1", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 1"),
    ("params.a = x", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value x"),
    ("params.a = `x`", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value `x`"),
    ("status = x", "Expected a quoted string value for attribute 'status' (e.g. 'my-value'). Got value x"),
    ("status IN ('x', 1)", "Expected a quoted string value for attribute 'status' (e.g. 'my-value'). Got value 1"),
    ("metrics.a = 'x'", "Expected numeric value type for metric. Found 'x'"),
    ("metrics.a = nan", "Expected numeric value type for metric. Found nan"),
    ("start_time > x", "Expected numeric value type for attribute 'start_time'. Found x"),
    (
        "foo.bar = 1",
        "Invalid entity type 'foo'. Valid values are ['metric', 'parameter', 'tag', 'dataset', 'attribute']",
    ),
    (
        "nonsense = 'x'",
        "Invalid attribute key 'nonsense' specified for runs. Valid keys are "
        "['artifact_uri', 'end_time', 'run_id', 'run_name', 'start_time', 'status', 'user_id']",
    ),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES)
def test_a_refusal_says_what_and_where(text: str, message: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        parse_filter(text, fields.RUNS)
    assert caught.value.message == message


def test_an_entity_has_its_own_kinds() -> None:
    with pytest.raises(
        InvalidParameter, match=r"Invalid entity type 'metrics'. Valid values are \['tag', 'attribute'\]"
    ):
        parse_filter("metrics.a > 1", fields.EXPERIMENTS)


COMPARISON = "params.a = '1'"


@pytest.mark.parametrize(
    ("largest", "one_more"),
    [
        ("(" * 30 + COMPARISON + ")" * 30, "(" * 31 + COMPARISON + ")" * 31),
        ("NOT " * 30 + COMPARISON, "NOT " * 31 + COMPARISON),
        ("NOT (" * 15 + COMPARISON + ")" * 15, "(" + "NOT (" * 15 + COMPARISON + ")" * 16),
        (" AND ".join([COMPARISON] * 100), " AND ".join([COMPARISON] * 101)),
        ("params.a = '" + "x" * 9987 + "'", "params.a = '" + "x" * 9988 + "'"),
    ],
)
def test_limits_are_reached_and_not_passed(largest: str, one_more: str) -> None:
    assert parse_filter(largest, fields.RUNS)
    with pytest.raises(InvalidParameter):
        parse_filter(one_more, fields.RUNS)


def test_as_many_orders_as_the_limit_says() -> None:
    clauses = ["metrics.a"] * MAX_ORDERS
    assert len(parse_orders(clauses, fields.RUNS)) == MAX_ORDERS
    with pytest.raises(
        InvalidParameter, match=f"There are {MAX_ORDERS + 1} order_by clauses; the limit is {MAX_ORDERS}"
    ):
        parse_orders([*clauses, "metrics.a"], fields.RUNS)


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
