"""Commands: no value of a parameter can become a command, wherever its placeholder is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlyard.core.errors import InvalidParameter
from mlyard.projects.commands import shell_command, shown_command

ATTACKS = [
    "x; touch pwned", "$(touch pwned)", "`touch pwned`", "x' ; touch pwned; '", 'x" ; touch pwned; "',
    "a\ntouch pwned", "&& touch pwned", "| touch pwned", "> pwned", "${IFS}touch pwned", "\\'; touch pwned #",
]  # fmt: skip


def output(command: str, values: dict[str, str], extra: dict[str, str] | None = None) -> str:
    done = subprocess.run(shell_command(command, values, extra or {}), capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("printf '<%s>' {a} {b}", "<1><two words>"),
        ("printf '<%s>' --x={a}", "<--x=1>"),
        ('printf "<%s>" "{b}" "x {a}"', "<two words><x 1>"),
        ("printf '<{a}>'", "<1>"),
        ("printf '<%s>' it\\'s {b}", "<it's><two words>"),
        ("printf '<%s>' \"it's\" {b}", "<it's><two words>"),
        ("echo {a} # it's {b}\nprintf '<%s>' {b}", "1\n<two words>"),
        ("printf '<%s>' x#{b}", "<x#two words>"),
        ("printf '<%s>' \"$(printf '%s' {a})\"", "<1>"),
        ("x={a}; printf '<%s>' ${{x}} '{{y}}'", "<1><{y}>"),
        ("echo 1 2 | awk '{{print $2}}'", "2\n"),
        ("for i in {a} {b}; do printf '<%s>' \"$i\"; done", "<1><two words>"),
    ],
)
def test_placeholders_wherever_they_are(command: str, printed: str) -> None:
    assert output(command, {"a": "1", "b": "two words"}) == printed


def test_parameters_that_are_not_declared_follow_as_options() -> None:
    assert (
        output("printf '<%s>' {a}", {"a": "1"}, {"l1-ratio": "$(id) x", "_z": ""}) == "<1><--l1-ratio><$(id) x><--_z><>"
    )


def test_many_parameters() -> None:
    values = {f"p{number}": str(number) for number in range(30)}
    command = "printf '%s ' " + " ".join(f"{{{name}}}" for name in values)
    assert output(command, values, {"last": "30"}).split() == [*map(str, range(30)), "--last", "30"]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("command", ["printf %s {a}", "printf %s x{a}y", "printf %s $(printf %s {a})", "echo # {a}"])
def test_attacks_are_text(tmp_path: Path, command: str, attack: str) -> None:
    output(command, {"a": attack})
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "command", ["printf %s '{a}'", 'printf %s "{a}"', "bash -c 'echo {a}'", 'bash -c "echo {a}"', 'echo "$(echo {a})"']
)
def test_attacks_inside_quotes_are_refused(tmp_path: Path, command: str, attack: str) -> None:
    """There, the text may be parsed by a second shell."""
    with pytest.raises(InvalidParameter, match="write the placeholder without quotes"):
        shell_command(command, {"a": attack}, {})


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_a_value_reaches_its_command_as_one_word(value: str) -> None:
    assert output("printf %s {text}", {"text": value}) == value
    assert output("printf %s", {}, {"text": value}) == f"--text{value}"


@given(
    st.text(st.sampled_from("'\"\\#$ (){}\n`;ax"), max_size=30),
    st.text(st.sampled_from("'\"\\#$ (){}\n`;ax"), max_size=30),
)
def test_a_value_is_never_part_of_the_text_that_the_shell_parses(before: str, after: str) -> None:
    assume(not (before.endswith("{") or after.startswith("}")))  # doubled braces stand for themselves
    try:
        command = shell_command(f"{before}{{a}}{after}", {"a": "s3cr3t"}, {"b": "s3cr3t"})
    except InvalidParameter:
        return
    assert "s3cr3t" not in command[2]
    assert command[4:] == ["s3cr3t", "--b", "s3cr3t"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("echo {nothing}", "there is no such parameter"),
        ("awk '{print $1}'", "not part of a placeholder"),
        ("echo {a", "not part of a placeholder"),
        ("echo a}", "not part of a placeholder"),
        ("echo {}", "not part of a placeholder"),
        ("echo {a.__class__}", "not part of a placeholder"),
        ("echo {a!r}", "not part of a placeholder"),
    ],
)
def test_placeholders_that_are_refused(command: str, reason: str) -> None:
    with pytest.raises(InvalidParameter, match=reason):
        shell_command(command, {"a": "1"}, {})


def test_the_command_that_is_shown_has_the_values() -> None:
    assert shown_command("train {a} {{x}}", {"a": "b c"}, {"d": "e;f"}) == "train 'b c' {x} --d 'e;f'"
