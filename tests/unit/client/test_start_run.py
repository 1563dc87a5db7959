"""What start_run continues, and which run the end of a block ends."""

from __future__ import annotations

import pytest

import mlyard
from mlyard.core.errors import InvalidParameter


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


def test_a_block_ends_its_run_when_the_run_was_ended_and_continued_in_it() -> None:
    with mlyard.start_run() as run:
        mlyard.end_run()
        mlyard.start_run(run.info.run_id)
    assert status(run) == "FINISHED"
    assert mlyard.active_run() is None


@pytest.mark.parametrize("experiment_id", ["0", 0])
def test_the_default_experiment_can_be_chosen_beside_an_active_one(experiment_id: str | int) -> None:
    mlyard.set_experiment("active")
    with mlyard.start_run(experiment_id=experiment_id) as run:  # type: ignore[arg-type]
        assert run.info.experiment_id == "0"
    assert mlyard.initialize_logged_model("m", experiment_id=experiment_id).experiment_id == "0"  # type: ignore[arg-type]


@pytest.mark.parametrize("experiment_id", [[], (), {}, ["1"], {"1"}])
def test_what_is_no_experiment_id_is_refused(experiment_id: object) -> None:
    with pytest.raises(InvalidParameter, match="Invalid experiment ID"):
        mlyard.start_run(experiment_id=experiment_id)  # type: ignore[arg-type]
    assert mlyard.active_run() is None


def test_two_descriptions_are_refused_unless_they_are_equal() -> None:
    with mlyard.start_run() as run:
        pass
    for run_id in (None, run.info.run_id):
        with pytest.raises(InvalidParameter, match="Description is already set"):
            mlyard.start_run(run_id, tags={"mlflow.note.content": "one"}, description="another")
    with mlyard.start_run(tags={"mlflow.note.content": "one"}, description="one") as run:
        assert run.data.tags["mlflow.note.content"] == "one"
