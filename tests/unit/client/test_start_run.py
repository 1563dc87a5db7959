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


def test_a_block_ends_its_own_run_only() -> None:
    with mlyard.start_run() as parent:
        for _ in range(3):
            with mlyard.start_run(nested=True) as child:
                mlyard.end_run("FAILED")
            assert status(child) == "FAILED"
            assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
            assert status(parent) == "RUNNING"
            assert mlyard.active_run() is parent
    assert status(parent) == "FINISHED"


def test_a_block_whose_run_is_not_the_innermost() -> None:
    outer, inner = mlyard.start_run(), mlyard.start_run(nested=True)
    with outer:
        pass
    assert (status(outer), status(inner)) == ("FINISHED", "RUNNING")
    assert mlyard.active_run() is inner
    mlyard.end_run()
    assert mlyard.active_run() is None


def test_a_block_of_a_run_that_was_ended_and_continued_elsewhere() -> None:
    with mlyard.start_run() as run:
        mlyard.end_run()
        with mlyard.start_run() as other:
            pass
        assert status(other) == "FINISHED"
    assert status(run) == "FINISHED"
