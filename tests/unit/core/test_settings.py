"""Environment variables: ours wins over MLflow's, and a value that cannot be read is explained."""

from __future__ import annotations

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
