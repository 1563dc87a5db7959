"""MLproject files: what they say, and errors that name the file, the line and what was expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.envs.containers import DockerEnv
from mlyard.projects.entry_points import EntryPoint
from mlyard.projects.mlproject import Project, ProjectEnv, read_project
from mlyard.projects.paths import localized

MLPROJECT = """
name: example
conda_env: conda.yaml
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.5}
      data: path
      note: {type: string, default: "none"}
    command: "python train.py {alpha} {data} {note}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "MLproject").write_text(MLPROJECT)
    (tmp_path / "other.py").write_text("")
    (tmp_path / "x.csv").write_text("")
    return tmp_path


def project(tmp_path: Path, text: str) -> Project:
    (tmp_path / "MLproject").write_text(text)
    return read_project(tmp_path)


def local(point: EntryPoint, values: dict[str, str], project: Path, download: Any = None) -> dict[str, str]:
    return localized(point, values, project, project / "storage", download)


def test_defaults_fill_what_is_not_given_and_paths_become_absolute(folder: Path) -> None:
    point = read_project(folder).entry_point("main")
    values = point.values({"data": "x.csv"})
    assert values == {"alpha": "0.5", "data": "x.csv", "note": "none"}
    assert local(point, values, folder) == {"alpha": "0.5", "data": str(folder / "x.csv"), "note": "none"}


def test_parameters_that_the_entry_point_does_not_know_are_appended(folder: Path) -> None:
    point = read_project(folder).entry_point("main")
    values = point.values({"data": "https://host/x", "extra": "a b"})
    assert point.shown(values) == "python train.py 0.5 https://host/x none --extra 'a b'"
    assert point.arguments(values) == [
        "bash", "-c", 'python train.py "${1}" "${2}" "${3}" "${4}" "${5}"', "bash",
        "0.5", "https://host/x", "none", "--extra", "a b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given_values", "reason"),
    [
        ({}, "No value given for the parameter 'data'"),
        ({"data": "x", "alpha": "high"}, "must be of type float"),
        ({"data": "a\0b"}, "NUL"),
        ({"data": "x", "undeclared": "a\0b"}, "NUL"),
    ],
)
def test_missing_and_mistyped_values_are_refused(folder: Path, given_values: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidParameter, match=reason):
        read_project(folder).entry_point("main").values(given_values)


@pytest.mark.parametrize("name", ["$(touch x)", "a b", "a;b", "-x", "", "é", "a\n"])
def test_a_parameter_name_that_a_shell_would_read_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid parameter name"):
        read_project(folder).entry_point("main").values({"data": "x", name: "1"})


def test_a_script_is_an_entry_point_but_not_one_outside(folder: Path) -> None:
    project = read_project(folder)
    assert project.entry_point("other.py").command == "python other.py"
    (folder.parent / "outside.py").write_text("")
    with pytest.raises(DoesNotExist, match=r"has no entry point.*It has: main\..*other\.py"):
        project.entry_point("../outside.py")


@pytest.mark.parametrize("name", ["a b.sh", "a;b.sh", "$(x).sh", "{a}.sh", "-c.sh", "a'b.sh"])
def test_the_name_of_a_script_is_one_word(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    command = read_project(tmp_path).entry_point(name).arguments({})[2]
    assert "$(x)" not in command.replace("'$(x).sh'", "")
    assert not command.startswith("bash -c")


def test_relative_paths_are_looked_up_here_and_then_in_the_project(tmp_path: Path) -> None:
    here = tmp_path / "inner"
    here.mkdir()
    (here / "both.csv").write_text("")
    (tmp_path / "both.csv").write_text("")
    (here / "data.csv").write_text("")
    text = "entry_points: {main: {parameters: {a: path, b: uri, c: uri, d: path}, command: 'x'}}"
    point = project(here, text).entry_point("main")
    values = {"a": "both.csv", "b": "data.csv", "c": "s3://bucket/x", "d": f"file://{tmp_path}/both.csv"}
    assert local(point, values, here) == {
        "a": str(tmp_path / "both.csv"), "b": str(here / "data.csv"), "c": "s3://bucket/x", "d": f"{tmp_path}/both.csv",
    }  # fmt: skip
    with pytest.raises(InvalidParameter, match=r"'a' is the path 'nothing\.csv'"):
        local(point, {**values, "a": "nothing.csv"}, here)


def test_the_uri_of_a_path_is_downloaded_into_a_folder_of_its_own(tmp_path: Path) -> None:
    point = project(tmp_path, "entry_points: {main: {parameters: {a: path, b: path}, command: x}}").entry_point("main")
    values = {"a": "s3://bucket/x", "b": "runs:/1/x"}
    found = local(point, values, tmp_path, lambda uri, folder: f"{folder}|{uri}")
    assert found["a"].startswith(str(tmp_path / "storage" / "a-"))
    assert found["b"].endswith("|runs:/1/x")


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("name: [a]", 1, "the value of 'name' must be the project's name"),
        ("- a", 1, "the file must be a mapping"),
        ("entry_points: 3", 1, "must be a mapping of entry points by name"),
        ("entry_points:\n  main: 3", 2, "must be a mapping with the keys command and parameters"),
        ("entry_points:\n  main:\n    parameters: {}", 3, "with the key 'command'"),
        ("entry_points:\n  main:\n    command: 3", 3, "the command as a string"),
        ("entry_points:\n  main:\n    command: x\n    parameters: [a]", 4, "a mapping of parameters by name"),
        ("entry_points:\n  main:\n    command: x\n    parameters:\n      a: flaot", 5, "one of the types string"),
        ("entry_points:\n  main:\n    command: x\n    parameters:\n      a:\n        type: 3", 6, "not '3'"),
        ("entry_points:\n  main:\n    command: x\n    parameters:\n      a: {default: [1]}", 5, "a single value"),
        ("entry_points:\n  main:\n    command: x\n    parameters:\n      a b: float", 5, "not 'a b'"),
        ("entry_points:\n  main: {command: x}\n  main: {command: y}", 3, "the key 'main' must be there only once"),
        ("name: a\nconda_env: x\npython_env: y", 3, "must be left out, because 'conda_env'"),
        ("conda_env: 3", 1, "the path of a file"),
        ("conda_env: ../x", 1, "not '../x'"),
        ("python_env: /etc/passwd", 1, "not '/etc/passwd'"),
        ("docker_env: image", 1, "with the keys image"),
        ("docker_env:\n  volumes: []", 2, "with the key 'image'"),
        ("docker_env:\n  image: 'a; touch x'", 2, "the name of an image"),
        ("docker_env:\n  image: '-v/:/x'", 2, "the name of an image"),
        ("docker_env:\n  image: \"a\\nRUN x\"", 2, "the name of an image"),
        ("docker_env:\n  image: a\n  volumes: x", 3, "a list of volumes"),
        ("docker_env:\n  image: a\n  volumes:\n    - '--privileged'", 4, "a volume such as"),
        ("docker_env:\n  image: a\n  volumes: [/a]", 3, "a volume such as"),
        ("docker_env:\n  image: a\n  volumes: ['/a:/b:ro;id']", 3, "a volume such as"),
        ("docker_env:\n  image: a\n  volumes: ['-v:/b']", 3, "a volume such as"),
        ("docker_env:\n  image: a\n  volumes: ['$(id):/b']", 3, "a volume such as"),
        ("docker_env:\n  image: a\n  environment:\n    - [--env, b]", 4, "the name of a variable"),
        ("docker_env:\n  image: a\n  environment:\n    - [A, b, c]", 4, "the name of a variable"),
        ("docker_env:\n  image: a\n  environment:\n    - 'A=1'", 4, "the name of a variable"),
        ("name: a\n\tb: c", 2, "not valid YAML"),
        ("name: 'a", 1, "not valid YAML"),
        ("name: !!python/object:os.system x", 1, "the value of 'name' must be"),
    ],
)  # fmt: skip
def test_an_error_names_the_file_the_line_and_what_was_expected(
    tmp_path: Path, text: str, line: int, expected: str
) -> None:
    with pytest.raises(InvalidParameter) as refused:
        project(tmp_path, text)
    assert refused.value.message.startswith(f"{tmp_path / 'MLproject'}, line {line}: ")
    assert expected in refused.value.message


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: " + b"[" * 5000])
def test_files_that_are_no_text_or_too_deep(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "MLproject").write_bytes(content)
    with pytest.raises(InvalidParameter, match=str(tmp_path / "MLproject")):
        read_project(tmp_path)


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("name: a", None),
        ("conda_env: conda.yaml", ProjectEnv(kind="conda", file="conda.yaml")),
        ("python_env: envs/python_env.yaml", ProjectEnv(kind="python", file="envs/python_env.yaml")),
        ("uv_env: pyproject.toml", ProjectEnv(kind="uv", file="pyproject.toml")),
        (
            "docker_env:\n  image: host:5000/team/name:1.0\n  volumes: ['/a:/b:ro']\n"
            "  environment: [[NEW, 1.50], OLD, [ONE]]",
            ProjectEnv(
                kind="docker",
                docker=DockerEnv(
                    image="host:5000/team/name:1.0",
                    volumes=("/a:/b:ro",),
                    environment={"NEW": "1.5", "OLD": None, "ONE": None},
                ),
            ),
        ),
    ],
)
def test_environments(tmp_path: Path, text: str, environment: ProjectEnv | None) -> None:
    assert project(tmp_path, text).environment == environment


def test_environments_that_no_file_names(tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").write_text("")
    assert read_project(tmp_path).environment == ProjectEnv(kind="conda", file="conda.yaml")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "uv.lock").write_text("")
    assert read_project(tmp_path).environment == ProjectEnv(kind="uv", file="pyproject.toml")


def test_short_forms_and_what_yaml_makes_of_values(tmp_path: Path) -> None:
    text = """
    entry_points:
      main:
        parameters:
          {a: float, b: {default: 1e-3}, c: {type: string, default: true}, d: , e: {type: int, default: 007}}
        command: x
      empty: {command: y, parameters: }
    """
    found = project(tmp_path, text)
    defaults = {p.name: (p.type, p.default) for p in found.entry_point("main").parameters}
    assert defaults == {
        "a": ("float", None), "b": ("string", "1e-3"), "c": ("string", "True"), "d": ("string", None),
        "e": ("int", "7"),
    }  # fmt: skip
    assert found.entry_point("empty").parameters == ()
    assert found.name == tmp_path.name


def test_an_empty_file_and_none(tmp_path: Path) -> None:
    assert read_project(tmp_path).entry_points == {}
    assert project(tmp_path, "").entry_points == {}
    assert project(tmp_path, "name:").name == tmp_path.name
