"""The Python version of an environment, and what takes its place."""

from __future__ import annotations

import pytest

from mlyard.envs import python


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ("3.8", ["3.11", "3.12", "3.13", "3.14"]),
        ("2.7", ["3.11", "3.12", "3.13", "3.14"]),
        ("3.12", ["3.12", "3.13", "3.14", "3.11"]),
        ("3.99", ["3.99", "3.14", "3.13", "3.12", "3.11"]),
    ],
)
def test_the_nearest_versions(asked: str, order: list[str]) -> None:
    assert python.nearest(asked) == order


def test_any_version_is_the_one_that_runs() -> None:
    assert python.nearest(None)[0] == python.this()


def test_without_mlyard_older_versions_will_do() -> None:
    assert python.nearest("3.8", python.OLDEST_OF_ALL)[:2] == ["3.8", "3.9"]
    assert python.nearest("3.8", python.OLDEST_OF_ALL)[-2:] == ["3.7", "3.6"]
