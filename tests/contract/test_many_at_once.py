"""Runs that are created and read many at a time are the same as one by one."""

from __future__ import annotations

import pytest

from mlyard.core.errors import DoesNotExist
from mlyard.domain.runs import NewRun, Param, Run, RunBatch, RunTag
from mlyard.ports.runs import SupportsGetMany, SupportsSubmit
from mlyard.ports.store import Store
from tests.contract.conftest import name, point


class TestGetMany:
    def test_each_id_gets_its_run(self, store: Store, experiment: str) -> None:
        if not isinstance(store.runs, SupportsGetMany):
            pytest.skip("this store reads one run at a time")
        ids = [store.runs.create(NewRun(experiment_id=experiment)).info.run_id for _ in range(4)]
        for number, run_id in enumerate(ids):
            batch = RunBatch(
                metrics=(point("m", number),), params=(Param("p", str(number)),), tags=(RunTag("t", str(number)),)
            )
            store.runs.log_batch(run_id, batch)
        store.runs.delete(ids[3])
        wanted = [ids[2], ids[0], ids[2], ids[3], ids[1]]
        assert store.runs.get_many(wanted) == [store.runs.get(run_id) for run_id in wanted]
        assert store.runs.get_many(ids[:1]) == [store.runs.get(ids[0])]
        assert store.runs.get_many([]) == []

    def test_an_unknown_id_gets_an_error_of_its_own(self, store: Store, run: Run) -> None:
        if not isinstance(store.runs, SupportsGetMany):
            pytest.skip("this store reads one run at a time")
        for wanted in (["none"], ["none", run.info.run_id, ""]):
            for run_id, found in zip(wanted, store.runs.get_many(wanted), strict=True):
                if run_id == run.info.run_id:
                    assert found == run
                else:
                    assert isinstance(found, DoesNotExist)
                    assert f"id={run_id}" in str(found)


class TestSubmitCreate:
    """Creating runs without waiting, where a store can do that."""

    def test_a_run_is_durable_when_its_future_is_done(self, store: Store, experiment: str) -> None:
        if not isinstance(store.runs, SupportsSubmit):
            pytest.skip("this store always waits")
        new = NewRun(experiment_id=experiment, user_id="ann", run_name="r", tags={name(): "x"})
        assert store.runs.submit_create(new) is None, "the key of its tag is not known yet"
        made = store.runs.create(new)
        submitted = store.runs.submit_create(new)
        assert submitted is not None
        run = submitted.result()
        assert run.info.run_id != made.info.run_id
        assert store.runs.get(run.info.run_id) == run

    def test_a_repeated_request_gets_the_run_that_it_made(self, store: Store, experiment: str) -> None:
        if not isinstance(store.runs, SupportsSubmit):
            pytest.skip("this store always waits")
        first, other = (NewRun(experiment_id=experiment, run_name="r", request_id=name()) for _ in range(2))
        made = store.runs.create(first)
        store.runs.log_batch(made.info.run_id, RunBatch(metrics=(point("m", 1),)))
        submitted = [store.runs.submit_create(new) for new in (first, other, first)]
        results = [each.result().info.run_id for each in submitted if each]
        assert results[0] == results[2] == made.info.run_id
        assert results[1] not in {made.info.run_id}
        again = store.runs.submit_create(first)
        assert again is not None
        assert again.result() == store.runs.get(made.info.run_id)
