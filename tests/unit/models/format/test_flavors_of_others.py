"""Flavors of other packages: they take no name of mlyard's own, and a broken one is named."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlyard.core.errors import InvalidParameter
from mlyard.models.format.flavor import find_flavor, flavor_of_loader

POINTS = """[mlyard.flavors]
sklearn = lost
broken = lost
taken = mlyard.flavors.sklearn
"""


@pytest.fixture(params=[0, 1000], ids=["before mlyard", "after mlyard"])
def claiming(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed package that claims the name of the sklearn flavor, and whose module cannot be imported."""
    metadata = tmp_path / "mlyard_others-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: mlyard-others\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path[: request.param], str(tmp_path), *sys.path[request.param :]])
    _forget()
    yield
    _forget()


def _forget() -> None:
    find_flavor.cache_clear()
    flavor_of_loader.cache_clear()


@pytest.mark.usefixtures("claiming")
def test_no_package_takes_a_flavor_of_mlyards_own() -> None:
    found = find_flavor("sklearn")
    assert found is sys.modules["mlyard.flavors.sklearn"]
    assert flavor_of_loader("mlflow.sklearn") is found
    assert flavor_of_loader("mlyard.flavors.sklearn") is found


@pytest.mark.usefixtures("claiming")
def test_a_flavor_that_cannot_be_imported_is_named() -> None:
    with pytest.raises(InvalidParameter, match="The flavor 'broken' cannot be loaded: 'lost', of the package"):
        find_flavor("broken")
    with pytest.raises(InvalidParameter, match="of the package 'mlyard-others', raises ModuleNotFoundError"):
        flavor_of_loader("lost")
