"""Environment variables: ours wins over MLflow's, and a value that cannot be read is explained."""

from __future__ import annotations

from typing import Any

import pytest

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter


def test_mlflows_variable_works_and_ours_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.PORT.get() == 5000
    monkeypatch.setenv("MLFLOW_PORT", "1")
    assert settings.PORT.get() == 1
    monkeypatch.setenv("MLYARD_PORT", "2")
    assert settings.PORT.get() == 2


def test_a_value_that_cannot_be_read_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_PORT", "many")
    with pytest.raises(InvalidParameter, match="MLFLOW_PORT holds 'many'"):
        settings.PORT.get()


ALL: list[settings.Setting[Any]] = [each for each in vars(settings).values() if isinstance(each, settings.Setting)]
NUMBERS = [each for each in ALL if isinstance(each.default, (int, float)) and not isinstance(each.default, bool)]
WORDS = [settings.S3_ADDRESSING_STYLE, settings.LOGGING_LEVEL]
NO_NUMBERS = ["x", "-1", "nan", "inf", "-inf", "1e400", "1" * 40, "1,5", "0x10", " ", "1 2", "true", "99999999"]


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: setting.name)
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_every_number_has_bounds_and_its_error_says_which(
    monkeypatch: pytest.MonkeyPatch, setting: settings.Setting[Any], text: str
) -> None:
    variable = f"MLYARD_{setting.name}"
    monkeypatch.setenv(variable, text)
    with pytest.raises(
        InvalidParameter, match=r"expected (a whole number|seconds) from [0-9.]+ to [0-9.e+]+\."
    ) as caught:
        setting.get()
    assert f"{variable} holds {text!r}" in str(caught.value)
    assert setting.doc in str(caught.value)


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: setting.name)
def test_every_default_is_within_its_bounds(monkeypatch: pytest.MonkeyPatch, setting: settings.Setting[Any]) -> None:
    monkeypatch.setenv(f"MLYARD_{setting.name}", str(setting.default))
    assert setting.get() == setting.default


def test_a_lease_is_long_enough_for_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_RUN_LEASE_SECONDS", "0")
    with pytest.raises(InvalidParameter, match="MLYARD_RUN_LEASE_SECONDS holds '0': expected seconds from 1 to 86400"):
        settings.RUN_LEASE_SECONDS.get()


@pytest.mark.parametrize("setting", WORDS, ids=lambda setting: setting.name)
def test_a_word_is_one_of_those_that_are_known(monkeypatch: pytest.MonkeyPatch, setting: settings.Setting[str]) -> None:
    monkeypatch.setenv(f"MLYARD_{setting.name}", setting.default.swapcase())
    assert setting.get() == setting.default
    monkeypatch.setenv(f"MLYARD_{setting.name}", "other")
    with pytest.raises(InvalidParameter, match=f"holds 'other': expected one of .*{setting.default}"):
        setting.get()


@pytest.mark.parametrize(
    "setting", [each for each in ALL if isinstance(each.default, bool)], ids=lambda each: each.name
)
def test_a_switch_is_on_or_off(monkeypatch: pytest.MonkeyPatch, setting: settings.Setting[bool]) -> None:
    monkeypatch.setenv(f"MLYARD_{setting.name}", "2")
    with pytest.raises(InvalidParameter, match=f"MLYARD_{setting.name} holds '2': expected true or false"):
        setting.get()
