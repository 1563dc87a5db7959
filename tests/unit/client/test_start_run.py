"""What start_run continues, and which run the end of a block ends."""

from __future__ import annotations

import pytest

import mlyard


def status(run: mlyard.ActiveRun) -> str:
    return mlyard.get_run(run.info.run_id).info.status


@pytest.mark.parametrize("variable", ["MLYARD_RUN_ID", "MLFLOW_RUN_ID"])
def test_a_parent_that_is_passed_beats_the_run_of_the_environment(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mlyard.start_run() as parent:
        pass
    monkeypatch.setenv(variable, parent.info.run_id)
    with mlyard.start_run(parent_run_id=parent.info.run_id) as child:
        pass
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    with mlyard.start_run() as continued:
        assert continued.info.run_id == parent.info.run_id


def test_a_run_that_is_continued_takes_the_tags_the_name_and_the_description() -> None:
    with mlyard.start_run(run_name="before") as run:
        pass
    with mlyard.start_run(run.info.run_id, run_name="after", tags={"kind": "trial"}, description="why") as continued:
        assert continued.info.run_name == "after"
        assert continued.data.tags["kind"] == "trial"
        assert continued.data.tags["mlflow.note.content"] == "why"
    with mlyard.start_run(run.info.run_id) as continued:
        assert continued.info.run_name == "after"
