"""What is logged as a table comes back equal, or is refused with the column's name."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlyard
from mlyard.client import tables
from mlyard.core.errors import InvalidParameter
from tests.conftest import LiveServer

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
CELLS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


def back(frame: pd.DataFrame) -> pd.DataFrame:
    return tables.decoded(tables.encoded(frame))


@given(st.lists(CELLS, min_size=1, max_size=5))
def test_any_cells_come_back_equal(cells: list[Any]) -> None:
    found = back(pd.DataFrame({"c": pd.Series(cells, dtype=object)}))["c"].tolist()
    assert [None if isinstance(each, float) and math.isnan(each) else each for each in found] == cells


@given(st.lists(st.floats(), min_size=1))
def test_floats_come_back_exactly(values: list[float]) -> None:
    found = back(pd.DataFrame({"c": values}))["c"].astype(float)
    pd.testing.assert_series_equal(found, pd.Series(values, name="c"), check_exact=True)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_integers_come_back_exactly_also_beside_missing_ones(values: list[int]) -> None:
    assert back(pd.DataFrame({"c": values}))["c"].tolist() == values
    *found, last = back(pd.DataFrame({"c": pd.array([*values, None], dtype="Int64")}))["c"].tolist()
    assert found == values
    assert pd.isna(last)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (pd.Timestamp("2020-01-01T12:00:00.123456789"), "2020-01-01T12:00:00.123456789"),
        (pd.Timestamp("2020-01-01T12:00", tz="UTC"), "2020-01-01T12:00:00+00:00"),
        (np.datetime64("2020-01-01T12:00:00.123456789"), "2020-01-01T12:00:00.123456789"),
        (datetime.date(2020, 1, 1), "2020-01-01"),
        (datetime.time(12, 30), "12:30:00"),
        (pd.Timedelta(1, "ns"), "P0DT0H0M0.000000001S"),
        (datetime.timedelta(seconds=1), "P0DT0H0M1S"),
        (decimal.Decimal("1.10"), "1.10"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"abc", "abc"),
    ],
)
def test_what_json_lacks_comes_back_as_its_exact_text(value: Any, text: str) -> None:
    assert back(pd.DataFrame({"c": [value]}))["c"].tolist() == [text]


@pytest.mark.parametrize(
    "value",
    [object(), 1j, "a\ud83e", b"\xff", {("a", "b"): 1}, {1, 2}, ["a\ud83e"]],
    ids=["object", "complex", "surrogate", "bytes", "tuple as key", "set", "surrogate in a list"],
)
def test_what_cannot_be_stored_is_refused_with_the_column(value: Any) -> None:
    with pytest.raises(InvalidParameter, match="The column 'answer' has a value that a table cannot hold"):
        tables.encoded(pd.DataFrame({"answer": pd.Series([value], dtype=object)}))


def test_the_file_is_json_that_other_readers_take() -> None:
    content = tables.encoded(pd.DataFrame({"c": [1.5, math.inf, math.nan]}))
    assert content == b'{"columns":["c"],"data":[[1.5],[1e999],[null]]}'
    assert json.loads(content)["data"][1] == [math.inf]


def test_columns_of_one_name_and_a_table_without_rows() -> None:
    assert back(pd.DataFrame([[1, 2]], columns=["a", "a"])).to_numpy().tolist() == [[1, 2]]
    empty = back(pd.DataFrame({"a": [], "b": []}))
    assert (list(empty.columns), len(empty)) == (["a", "b"], 0)


@pytest.fixture(params=["sqlite", "postgres", "http"])
def client(request: pytest.FixtureRequest) -> mlyard.MlyardClient:
    if request.param == "http":
        live: LiveServer = request.getfixturevalue("server")
        return mlyard.MlyardClient(live.url)
    if request.param == "postgres":
        return mlyard.MlyardClient(request.getfixturevalue("postgres").new_database())
    return mlyard.MlyardClient()


def test_more_tables_than_the_tag_has_room_for(client: mlyard.MlyardClient) -> None:
    experiment = client.create_experiment(uuid.uuid4().hex)
    run_id = client.create_run(experiment).info.run_id
    other = client.create_run(experiment).info.run_id
    client.log_table(other, {"a": [0]}, "other.json")
    paths = [f"{'a' * 200}/{'b' * 200}/{'c' * 200}/{number}.json" for number in range(15)]
    for number, path in enumerate(paths):
        client.log_table(run_id, {"a": [number]}, path)
    listed = client.get_run(run_id).data.tags["mlflow.loggedArtifacts"]
    assert 0 < len(json.loads(listed)) < len(paths)
    for number in (0, len(paths) - 1):
        assert client.load_table(experiment, paths[number])["a"].tolist() == [number]


def test_a_list_of_tables_that_was_cut_does_not_break_the_run() -> None:
    client = mlyard.MlyardClient()
    run_id = client.create_run("0").info.run_id
    client.set_tag(run_id, "mlflow.loggedArtifacts", '[{"path": "table.json", "type": "table"}, ' + "x" * 8000)
    client.log_table(run_id, {"a": [1]}, "table.json")
    client.log_table(run_id, {"a": [math.inf]}, "table.json")
    assert client.load_table("0", "table.json")["a"].tolist() == [1, math.inf]
