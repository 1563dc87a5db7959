"""PostgreSQL reads the arrays that are packed for it as the numbers that they were made of."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.stores.sql import arrays
from tests.postgres import Cluster

whole = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20)
numbers = st.lists(st.floats(), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def connection(postgres: Cluster) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.admin, autocommit=True) as opened:
        arrays.register(opened)
        yield opened


@given(values=whole)
def test_integers(connection: psycopg.Connection, values: list[int]) -> None:
    (found,) = connection.execute("SELECT %s", [arrays.integers(values)], binary=True).fetchone() or ()
    assert found == values


@given(values=st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1))
def test_integers_become_smaller_ones(connection: psycopg.Connection, values: list[int]) -> None:
    (found,) = connection.execute("SELECT %s::smallint[]", [arrays.integers(values)]).fetchone() or ()
    assert found == values


@given(values=numbers)
def test_floats_to_the_last_bit(connection: psycopg.Connection, values: list[float]) -> None:
    (found,) = connection.execute("SELECT %s", [arrays.floats(values)], binary=True).fetchone() or ()
    assert struct.pack(f"{len(values)}d", *found) == struct.pack(f"{len(values)}d", *values)


def test_what_is_no_number_is_left_to_the_driver(connection: psycopg.Connection) -> None:
    assert arrays.floats([1.5, None]) == [1.5, None]
    assert arrays.integers([2**63, None]) == [2**63, None]
    (found,) = connection.execute("SELECT %s::float8[]", [arrays.floats([1.5, None])]).fetchone() or ()
    assert found == [1.5, None]
