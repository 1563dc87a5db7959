"""Pins that do not fit get the lowest newer version that has a wheel. uv decides among wheels made here."""

from __future__ import annotations

import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlyard.core.errors import InvalidParameter
from mlyard.envs.asked import Asked, from_lines
from mlyard.envs.relax import NEEDED, NO_WHEEL, Resolution, resolve
from mlyard.envs.uv_resolver import Resolver
from tests.conftest import SOAK


class Index:
    """A folder of wheels that uv takes for the package index."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        for name, value in {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(folder), "UV_OFFLINE": "1"}.items():
            monkeypatch.setenv(name, value)

    def add(self, name: str, version: str, *needs: str, tag: str = "py3-none-any") -> None:
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(self.folder / f"{name}-{version}-{tag}.whl", "w") as wheel:
            wheel.writestr(f"{info}/METADATA", metadata(name, version, needs))
            wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
            wheel.writestr(f"{info}/RECORD", "")

    def add_source(self, name: str, version: str) -> None:
        """A package without a wheel, whose metadata can be read without building it."""
        text = metadata(name, version, ()).replace("2.1", "2.2").encode()
        with tarfile.open(self.folder / f"{name}-{version}.tar.gz", "w:gz") as source:
            member = tarfile.TarInfo(f"{name}-{version}/PKG-INFO")
            member.size = len(text)
            source.addfile(member, BytesIO(text))


def metadata(name: str, version: str, needs: Sequence[str]) -> str:
    lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {need}" for need in needs)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    return Index(tmp_path / "index", monkeypatch)


def resolved(*lines: str, own: Sequence[str] = ()) -> Resolution:
    return resolve(from_lines(lines), Resolver(python=sys.executable, own=tuple(own)))


def got(found: Resolution) -> Mapping[str, str | None]:
    return {row.asked: row.got for row in found.rows}


def test_pins_that_fit_stay(index: Index) -> None:
    for version in ("1.0", "1.1", "2.0"):
        index.add("one", version, "two")
        index.add("two", version)
    found = resolved("one==1.0", "two>=1.1,<2")
    assert found.lines == ("one==1.0", "two==1.1")
    assert all(row.is_exact for row in found.rows)


def test_a_pin_without_a_wheel_becomes_the_lowest_newer_version_that_has_one(index: Index) -> None:
    index.add("one", "1.0", tag="cp38-cp38-win_amd64")
    for version in ("0.9", "1.0.10", "1.2", "3.0"):
        index.add("one", version)
    index.add("two", "1.0")
    found = resolved("one==1.0", "two==1.0")
    assert got(found) == {"one==1.0": "one==1.0.10", "two==1.0": "two==1.0"}
    assert [(row.why, row.is_exact) for row in found.rows] == [(NO_WHEEL, False), ("", True)]


def test_a_pin_gives_way_to_mlyard_and_takes_along_what_does_not_fit_with_that(index: Index) -> None:
    for version in ("1.0", "2.0", "3.0"):
        index.add("base", version)
    index.add("one", "1.0", "base<2")
    index.add("one", "1.5", "base<3")
    index.add("one", "1.7", "base<3")
    index.add("ours", "1.0", "base>=2")
    found = resolved("base==1.0", "one==1.0", own=["ours"])
    assert got(found) == {"base==1.0": "base==2.0", "one==1.0": "one==1.5"}
    assert [row.why for row in found.rows] == [NEEDED, NEEDED]


def test_what_exists_nowhere_is_left_out_and_sources_are_built(index: Index) -> None:
    index.add("one", "1.0")
    index.add_source("sourced", "1.0")
    found = resolved("nowhere==1.0", "one==1.0", "gone==2.0", "sourced==1.0")
    expected = {"nowhere==1.0": None, "one==1.0": "one==1.0", "gone==2.0": None, "sourced==1.0": "sourced==1.0"}
    assert got(found) == expected
    assert "not on the package index" in found.rows[0].why


def test_a_package_of_which_only_an_older_version_fits_gets_that(index: Index) -> None:
    index.add("base", "2.0")
    index.add("one", "1.0")
    index.add("one", "2.0", "base<2")
    index.add("ours", "1.0", "base>=2")
    assert got(resolved("base==1.0", "one==2.0", own=["ours"])) == {"base==1.0": "base==2.0", "one==2.0": "one==1.0"}
    (index.folder / "one-1.0-py3-none-any.whl").unlink()
    found = resolved("base==1.0", "one==2.0", own=["ours"])
    assert got(found) == {"base==1.0": "base==2.0", "one==2.0": None}
    assert "does not fit" in found.rows[1].why


def test_lines_that_are_not_pins_may_be_sources(index: Index) -> None:
    index.add("one", "1.5")
    index.add_source("sourced", "1.0")
    found = resolved("sourced", "one==1.0")
    assert got(found) == {"sourced": "sourced==1.0", "one==1.0": "one==1.5"}
    assert resolved("sourced>=1", "one==1.5").lines == ("one==1.5", "sourced==1.0")


def test_markers_of_pins_are_kept(index: Index) -> None:
    index.add("one", "1.5")
    here, elsewhere = "one==1.0; python_version > '3'", "two==1.0; python_version < '3'"
    assert got(resolved(here, elsewhere)) == {here: "one==1.5", elsewhere: elsewhere}


def test_lines_that_are_not_pins_are_not_changed(index: Index) -> None:
    index.add("one", "1.0")
    index.add("two", "1.0")
    with pytest.raises(InvalidParameter, match=r"do not fit together; uv reports: (.|\n)*two"):
        resolved("one==0.9", "two>=2")


def test_the_hashes_of_a_pin_are_kept_if_the_pin_is(index: Index) -> None:
    index.add("one", "1.0")
    line = f"one==1.0 --hash=sha256:{'0' * 64}"
    assert resolved(line).lines == (line,)
    index.add("one", "2.0")
    assert resolved(line.replace("1.0", "1.5")).lines == ("one==2.0",)


def test_an_index_that_does_not_answer_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(InvalidParameter, match="cannot look the packages up"):
        resolved("surely-not-in-any-cache==1.0")


def test_nothing_asked_for() -> None:
    asked = [Asked(text="zlib=1.2", line=None, why="not Python")]
    found = resolve(asked, Resolver(python=sys.executable))
    assert (found.lines, got(found)) == ((), {"zlib=1.2": None})


numbers = st.integers(0, 12).map(lambda number: f"1.{number}")


@settings(max_examples=100 if SOAK else 10, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["alpha", "beta", "gamma", "delta"]), st.tuples(st.sets(numbers), numbers), min_size=1
    )
)
def test_each_pin_becomes_the_lowest_version_from_it_on(packages: dict[str, tuple[set[str], str]]) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder), patch)
        for name, (versions, _) in packages.items():
            for version in versions:
                index.add(name, version)
        found = resolved(*(f"{name}=={pin}" for name, (_, pin) in packages.items()))
    for name, (versions, pin) in packages.items():
        fitting = sorted(minor(version) for version in versions if minor(version) >= minor(pin))
        assert got(found)[f"{name}=={pin}"] == (f"{name}==1.{fitting[0]}" if fitting else None)


def minor(version: str) -> int:
    return int(version.partition(".")[2])
