"""Packages of conda files, as lines for PyPI."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlyard.core.errors import InvalidParameter
from mlyard.envs.asked import from_conda, from_lines
from mlyard.envs.changes import BUILD, Change, as_text, changed, check_strict, notable, summary
from mlyard.envs.requirements import is_named
from mlyard.envs.spec import CONDA_FILE, PYTHON_FILE, REQUIREMENTS_FILE, read_file

LINES = [
    ("numpy", "numpy", None),
    ("numpy=1.19.0=py38h598c1e0_0", "numpy==1.19.0", "1.19.0"),
    ("numpy=1.19", "numpy==1.19.*", "1.19"),
    ("numpy=1.19.*", "numpy==1.19.*", "1.19"),
    ("numpy=1.19*", "numpy==1.19.*", "1.19"),
    ("numpy==1.19.0", "numpy==1.19.0", "1.19.0"),
    ("numpy 1.19.0", "numpy==1.19.0.*", "1.19.0"),
    ("numpy 1.19.0 py38h598c1e0_0", "numpy==1.19.0", "1.19.0"),
    ("numpy>=1.19,<2", "numpy>=1.19,<2", None),
    ("numpy >=1.19, <2", "numpy>=1.19, <2", None),
    ("conda-forge::numpy=1.19.0=py38h598c1e0_0", "numpy==1.19.0", "1.19.0"),
    ("numpy=1.19|1.20", "numpy", None),
    ("docker-py=4.2.2=py38_0", "docker==4.2.2", "4.2.2"),
    ("pytorch=1.5.0=py3.8_cuda10.1.243_cudnn7.6.3_0", "torch==1.5.0", "1.5.0"),
    ("tensorflow=2.2.0=mkl_py38h6d3daf0_0", "tensorflow==2.2.0", "2.2.0"),
    ("ruamel_yaml=0.15.87=py38haf1e3a3_0", "ruamel.yaml==0.15.87", "0.15.87"),
    ("libcst=0.3.6", "libcst==0.3.6.*", "0.3.6"),
    ("blas=1.0=openblas", None, None),
    ("zlib=1.2.11=h1de35cc_3", None, None),
    ("some-c-library=1.0=h1de35cc_3", None, None),
    ("pandoc=2.10=0", None, None),
    ("pandoc", None, None),
    ("libcxx=10.0.0=1", None, None),
    ("r-ggplot2=3.3.0=r40h6115d3f_1", None, None),
    ("_libgcc_mutex=0.1=main", None, None),
    ("numpy-base=1.18.5=py38h3304bdc_0", None, None),
    ("python_abi=3.8=1_cp38", None, None),
]


@pytest.mark.parametrize(("text", "line", "pin"), LINES)
def test_a_package(text: str, line: str | None, pin: str | None) -> None:
    (asked,) = from_conda([text])
    assert (asked.text, asked.line, asked.pin) == (text, line, pin)
    assert (BUILD in asked.why) == (line is not None and "py3" in text)


def test_python_and_pip_are_not_packages_and_two_spellings_are_one() -> None:
    found = from_conda(
        ["python=3.8.3=h26836e1_2", "pip=20.1.1=py38_1", "importlib_metadata=1.7.0=0", "Importlib-Metadata"]
    )
    assert [each.line for each in found] == ["importlib_metadata==1.7.0"]
    found = from_conda(["graphviz=2.40.1=hefbbd9a_2", "python-graphviz=0.14=pyh9f0ad1d_0"])
    assert [each.line for each in found] == ["graphviz==0.14"]


def test_why_a_line_differs_from_what_was_written() -> None:
    (asked,) = from_conda(["jinja2=9b=py38_0"])
    assert (asked.line, asked.why) == ("jinja2", f"{BUILD}; its version is not one of PyPI's")
    (asked,) = from_conda(["docker-py"])
    assert asked.why == "docker is its name on PyPI"


def test_lines_of_pip() -> None:
    lines = [
        "numpy==1.19.0",
        "torch == 1.5.0+cpu",
        "pandas>=1",
        "x @ https://example.org/x.whl",
        "a[b]==1 --hash=sha256:0",
    ]
    found = from_lines(lines)
    assert [each.pin for each in found] == ["1.19.0", "1.5.0", None, None, "1"]
    assert [each.floor for each in found] == ["numpy>=1.19.0", "torch>=1.5.0", *lines[2:4], "a[b]>=1"]
    assert [each.name for each in found] == ["numpy", "torch", "pandas", "x", "a"]
    assert found[4].hashes == " --hash=sha256:0"


names = st.from_regex(r"[a-z][a-z0-9]{1,8}([-_.][a-z0-9]{1,5}){0,2}", fullmatch=True)
versions = st.lists(st.integers(0, 3000), min_size=1, max_size=4).map(lambda numbers: ".".join(map(str, numbers)))
builds = st.sampled_from(["", "=py38_0", "=pyh9f0ad1d_0", "=py310h1de35cc_3", "=h1de35cc_3", "=0", "=openblas"])


@given(names, versions, builds)
def test_any_pin_is_left_out_or_becomes_a_line_of_its_version_that_is_not_refused(
    name: str, version: str, build: str
) -> None:
    for asked in from_conda([f"{name}={version}{build}"]):
        if asked.line is not None:
            assert is_named(asked.line)
            assert is_named(str(asked.floor))
            assert asked.pin == version
            assert asked.line.endswith(f"=={version}" if build else f"=={version}.*")


ROWS = [
    Change(asked="a==1", got="a==1", is_exact=True),
    Change(asked="b=1=py38_0", got="b==1", why=BUILD),
    Change(asked="c=1=py38_0", got="c==2", why=f"{BUILD}; no wheel"),
    Change(asked="zlib", got=None, why="not Python"),
]


def test_the_table() -> None:
    assert changed(ROWS) == ROWS[1:]
    assert notable(ROWS) == ROWS[2:]
    assert summary(ROWS) == "2 as asked, 1 changed, 1 left out, build strings of 2 dropped"
    assert summary([]) == "nothing asked for"
    assert as_text(ROWS[2:]) == "c=1  -> c==2      no wheel\nzlib -> left out  not Python"
    check_strict(ROWS[:1])
    with pytest.raises(InvalidParameter) as refused:
        check_strict(ROWS)
    assert as_text(ROWS[1:]) in refused.value.message


BAD = ["x; touch /tmp/pwn", "--index-url http://evil", "-r /etc/passwd", "-e .", "$(touch /tmp/pwn)"]


@pytest.mark.parametrize("line", BAD)
@pytest.mark.parametrize("kind", [PYTHON_FILE, CONDA_FILE, REQUIREMENTS_FILE])
def test_what_is_refused(line: str, kind: str, tmp_path: Path) -> None:
    content = {
        REQUIREMENTS_FILE: line,
        PYTHON_FILE: yaml.safe_dump({"dependencies": [line]}),
        CONDA_FILE: yaml.safe_dump({"dependencies": [{"pip": [line]}]}),
    }
    (tmp_path / "env.txt").write_text(content[kind])
    with pytest.raises(InvalidParameter):
        read_file(kind, tmp_path / "env.txt")


def test_files_under_any_name(tmp_path: Path) -> None:
    file = tmp_path / "env.yml"
    with pytest.raises(InvalidParameter, match="does not exist"):
        read_file(CONDA_FILE, file)
    file.write_text("dependencies: [python=3.8.3=h26836e1_2, numpy=1.19.0=py38h598c1e0_0, {pip: [six==1.15.0]}]")
    spec = read_file(CONDA_FILE, file)
    assert (spec.python, spec.requirements.lines) == ("3.8", ("six==1.15.0",))
    assert spec.conda_packages == ("python=3.8.3=h26836e1_2", "numpy=1.19.0=py38h598c1e0_0")
    file.write_text("{python: 3.11.2, build_dependencies: [pip], dependencies: [-r lines.txt]}")
    (tmp_path / "lines.txt").write_text("six==1.15.0\n")
    assert (
        read_file(PYTHON_FILE, file).requirements == read_file(REQUIREMENTS_FILE, tmp_path / "lines.txt").requirements
    )
    assert read_file(PYTHON_FILE, file).python == "3.11"
