"""What every store must do with what grows and ends over time: leases, inputs, histories."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec import structs

from mlyard.core.errors import InvalidParameter
from mlyard.domain.inputs import Dataset, DatasetInput, DatasetSummary, InputTag
from mlyard.domain.metrics import Sampling
from mlyard.domain.page import ScopedQuery
from mlyard.domain.runs import ModelInput, NewRun, Run, RunBatch
from mlyard.ports.runs import SupportsLeases, SupportsSubmit
from mlyard.ports.store import Store
from mlyard.stores.memory.store import open_memory_store
from tests.contract.conftest import found, name, point


class TestLeases:
    """Servers look for lost runs by themselves, so here the stores do that can be told to."""

    @pytest.fixture
    def embedded(self, store: Store) -> Store:
        if not isinstance(store.runs, SupportsLeases):
            pytest.skip("a server looks for lost runs by itself: see tests/system/test_leases.py")
        return store

    def test_a_run_whose_lease_has_passed_is_ended_and_opens_again(self, embedded: Store, run: Run) -> None:
        run_id = run.info.run_id
        embedded.runs.heartbeat(run_id, -1)
        assert embedded.runs.end_lost() >= 1
        lost = embedded.runs.get(run_id).info
        assert (lost.status, lost.lost, lost.end_time is None) == ("KILLED", True, False)
        embedded.runs.heartbeat(run_id, 60)
        back = embedded.runs.get(run_id).info
        assert (back.status, back.lost, back.end_time) == ("RUNNING", False, None)

    def test_logging_opens_a_lost_run_again(self, embedded: Store, run: Run) -> None:
        run_id = run.info.run_id
        embedded.runs.heartbeat(run_id, -1)
        embedded.runs.end_lost()
        embedded.runs.log_batch(run_id, RunBatch(metrics=(point("m", 1),)))
        assert embedded.runs.get(run_id).info.status == "RUNNING"

    def test_runs_with_time_left_or_without_a_lease_or_ended_are_left_alone(
        self, embedded: Store, experiment: str, run: Run
    ) -> None:
        """Clients of MLflow send no heartbeats: their runs may be silent for days."""
        ended, alive = (embedded.runs.create(NewRun(experiment_id=experiment)).info.run_id for _ in range(2))
        embedded.runs.heartbeat(ended, -1)
        embedded.runs.update(ended, status="FINISHED", end_time=7)
        embedded.runs.heartbeat(alive, 86_400)
        embedded.runs.end_lost()
        infos = [embedded.runs.get(run_id).info for run_id in (run.info.run_id, alive, ended)]
        assert [info.status for info in infos] == ["RUNNING", "RUNNING", "FINISHED"]
        assert infos[2].end_time == 7

    def test_a_deleted_run_is_not_ended_as_lost(self, embedded: Store, run: Run) -> None:
        run_id = run.info.run_id
        embedded.runs.heartbeat(run_id, -1)
        embedded.runs.delete(run_id)
        embedded.runs.end_lost()
        info = embedded.runs.get(run_id).info
        assert (info.status, info.lost, info.end_time) == ("RUNNING", False, None)


class TestSubmit:
    """Logging without waiting, where a store can do that."""

    def test_a_batch_of_known_keys_is_durable_when_its_future_is_done(self, store: Store, run: Run) -> None:
        runs, run_id = store.runs, run.info.run_id
        if not isinstance(runs, SupportsSubmit):
            pytest.skip("this store always waits")
        key = name()
        assert runs.submit_batch(run_id, RunBatch(metrics=(point(key, 1),))) is None
        runs.log_batch(run_id, RunBatch(metrics=(point(key, 1),)))
        submitted = runs.submit_batch(run_id, RunBatch(metrics=(point(key, 2, step=1),)))
        assert submitted is not None
        submitted.result()
        assert store.runs.get(run_id).data.metrics == {key: 2}


class TestInputs:
    def test_datasets_stay_in_the_order_in_which_they_were_logged(
        self, store: Store, run: Run, experiment: str
    ) -> None:
        other = store.runs.create(NewRun(experiment_id=experiment))
        logged = ((run, "ca"), (other, "bac"), (run, "bca"), (other, "d"))
        for to, names in logged:
            store.runs.log_inputs(to.info.run_id, [DatasetInput(Dataset(name, "1", "local", "x")) for name in names])
        for of, expected in ((run, "cab"), (other, "bacd")):
            found = store.runs.get(of.info.run_id).inputs.dataset_inputs
            assert "".join(one.dataset.name for one in found) == expected

    def test_datasets_and_models_of_a_run(self, store: Store, experiment: str, run: Run) -> None:
        train = DatasetInput(
            dataset=Dataset(name="wine", digest="abc", source_type="local", source="{}", schema="s"),
            tags=(InputTag(key="mlflow.data.context", value="training"),),
        )
        store.runs.log_inputs(run.info.run_id, [train], [ModelInput(model_id="m-1")])
        store.runs.log_inputs(run.info.run_id, [structs.replace(train, tags=())])
        inputs = store.runs.get(run.info.run_id).inputs
        assert inputs.dataset_inputs == (train,)
        assert inputs.model_inputs == (ModelInput(model_id="m-1"),)
        assert found(store, experiment, filter="dataset.name = 'wine' AND dataset.context LIKE 'train%'")
        assert not found(store, experiment, filter="datasets.digest = 'other'")
        assert store.experiments.search_datasets([experiment]) == [
            DatasetSummary(experiment_id=experiment, name="wine", digest="abc", context="training")
        ]

    def test_a_dataset_needs_a_name_of_bounded_length(self, store: Store, run: Run) -> None:
        for name_ in ("", "x" * 501):
            one = DatasetInput(dataset=Dataset(name=name_, digest="d"))
            with pytest.raises(InvalidParameter):
                store.runs.log_inputs(run.info.run_id, [one])
        assert store.runs.get(run.info.run_id).inputs.dataset_inputs == ()


class TestHistory:
    def test_points_come_by_time_whatever_their_steps(self, store: Store, run: Run) -> None:
        for step, timestamp in ((5, 10), (1, 20), (3, 15)):
            store.runs.log_batch(run.info.run_id, RunBatch(metrics=(point("m", step, step=step, timestamp=timestamp),)))
        assert [p.step for p in store.metrics.history(run.info.run_id, "m")] == [5, 3, 1]
        assert store.runs.get(run.info.run_id).data.metrics == {"m": 5}

    def test_a_history_stays_out_of_order_after_a_batch_in_order(self, store: Store, run: Run) -> None:
        for step, timestamp in ((5, 10), (1, 20), (6, 30), (7, 40)):
            store.runs.log_batch(run.info.run_id, RunBatch(metrics=(point("m", step, step=step, timestamp=timestamp),)))
        assert [p.step for p in store.metrics.history(run.info.run_id, "m")] == [5, 1, 6, 7]

    def test_several_runs_at_once(self, store: Store, experiment: str) -> None:
        ids = sorted(store.runs.create(NewRun(experiment_id=experiment)).info.run_id for _ in range(2))
        for run_id in ids:
            store.runs.log_batch(run_id, RunBatch(metrics=tuple(point("m", n, step=n, timestamp=n) for n in range(5))))
        bulk = store.metrics.history_bulk([*reversed(ids), "none"], "m", 7)
        assert [(p.run_id, p.step) for p in bulk] == [(ids[0], n) for n in range(5)] + [(ids[1], n) for n in range(2)]

    def test_a_sample_has_both_ends_and_no_more_than_asked_for(self, store: Store, run: Run) -> None:
        points = tuple(point("m", n, step=3 * n, timestamp=n) for n in range(50))
        store.runs.log_batch(run.info.run_id, RunBatch(metrics=points))
        sample = [p.step for p in store.metrics.sample([run.info.run_id], "m", Sampling(count=7))]
        assert sample == [0, 24, 45, 66, 87, 108, 147]
        part = store.metrics.sample([run.info.run_id], "m", Sampling(count=5, start=10, end=60))
        assert (part[0].step, part[-1].step, len(part)) == (12, 60, 5)
        assert store.metrics.sample(["none"], "m", Sampling(count=5)) == []
        assert store.metrics.sample([run.info.run_id], "never", Sampling(count=5)) == []

    def test_a_sample_reaches_the_end_where_many_points_share_a_step(self, store: Store, run: Run) -> None:
        for step in range(10):
            points = tuple(point("m", n, step=step, timestamp=1000 * step + n) for n in range(60))
            store.runs.log_batch(run.info.run_id, RunBatch(metrics=points))
        sample = store.metrics.sample([run.info.run_id], "m", Sampling(count=10))
        assert [(p.step, p.value) for p in sample] == [(step, 59) for step in range(10)]

    def test_points_without_steps_are_sampled_by_time(self, store: Store, run: Run) -> None:
        points = tuple(point("m", n, timestamp=100 + n) for n in range(40))
        store.runs.log_batch(run.info.run_id, RunBatch(metrics=points))
        sample = [p.timestamp for p in store.metrics.sample([run.info.run_id], "m", Sampling(count=10))]
        assert (sample[0], sample[-1], len(sample)) == (100, 139, 10)

    def test_a_long_history_is_sampled_without_being_read(self, store: Store, run: Run) -> None:
        for first in range(0, 25_000, 1000):
            points = tuple(point("m", n, step=n, timestamp=n) for n in range(first, first + 1000))
            store.runs.log_batch(run.info.run_id, RunBatch(metrics=points))
        sample = [p.step for p in store.metrics.sample([run.info.run_id], "m", Sampling(count=100))]
        assert (sample[0], sample[-1], len(sample)) == (0, 24_999, 100)
        gaps = {after - before for before, after in pairwise(sample)}
        assert max(gaps) <= 2 * min(gaps)

    @pytest.mark.parametrize("flat", [False, True])
    @pytest.mark.parametrize(
        "sampling", [Sampling(count=n) for n in (1, 2, 3, 10)] + [Sampling(count=4, start=3, end=40)]
    )
    def test_samples_of_several_runs_are_those_of_each_and_those_of_memory(
        self, store: Store, experiment: str, tmp_path: Path, sampling: Sampling, *, flat: bool
    ) -> None:
        memory = open_memory_store(str(tmp_path / "memory"))
        chance = random.Random(sampling.count)
        ids, expected = [], []
        for number in (0, 1, 2, 3, 9, 10, 11, 60):
            drawn = [chance.randrange(-50, 50) for _ in range(number)]
            points = tuple(point("m", -n, step=7 if flat else n, timestamp=n % 5 + n) for n in drawn)
            for each in (store, memory):
                run_id = each.runs.create(NewRun(experiment_id=experiment if each is store else "0")).info.run_id
                each.runs.log_batch(run_id, RunBatch(metrics=points))
                if each is store:
                    ids.append(run_id)
                else:
                    expected.append(
                        [(p.step, p.timestamp, p.value) for p in memory.metrics.sample([run_id], "m", sampling)]
                    )
        found = store.metrics.sample(ids, "m", sampling)
        assert [[(p.step, p.timestamp, p.value) for p in found if p.run_id == run_id] for run_id in ids] == expected
        assert [p.run_id for p in found] == [run_id for run_id, each in zip(ids, expected, strict=True) for _ in each]

    @pytest.mark.parametrize("most", [1, 3, 4, 5, 6, 100])
    def test_several_runs_come_in_full_up_to_the_limit(self, store: Store, experiment: str, most: int) -> None:
        ids = sorted(store.runs.create(NewRun(experiment_id=experiment)).info.run_id for _ in range(4))
        whole = []
        for run_id, number in zip(ids, (3, 0, 1, 50), strict=True):
            points = tuple(point("m", n, step=-n, timestamp=n) for n in range(number))
            store.runs.log_batch(run_id, RunBatch(metrics=points))
            whole += [(run_id, n) for n in range(number)]
        bulk = store.metrics.history_bulk(ids, "m", most)
        assert [(p.run_id, p.value) for p in bulk] == whole[:most]

    def test_long_histories_are_sampled_by_step_and_by_time_and_at_the_ends_of_64_bits(
        self, store: Store, experiment: str
    ) -> None:
        ids = [store.runs.create(NewRun(experiment_id=experiment)).info.run_id for _ in range(3)]
        for first in range(0, 21_000, 1000):
            numbers = range(first, first + 1000)
            batches = [
                [point("m", n, step=n // 100, timestamp=n) for n in numbers],
                [point("m", n, timestamp=n) for n in numbers],
                [point("m", n, step=n, timestamp=n) for n in numbers],
            ]
            for run_id, points in zip(ids, batches, strict=True):
                store.runs.log_batch(run_id, RunBatch(metrics=tuple(points)))
        ends = (point("m", -1, step=-(2**63), timestamp=2**63 - 1), point("m", -2, step=2**63 - 1, timestamp=-(2**63)))
        store.runs.log_batch(ids[2], RunBatch(metrics=ends))
        found = store.metrics.sample(ids, "m", Sampling(count=4))
        values = [[p.value for p in found if p.run_id == run_id] for run_id in ids]
        assert [(each[0], each[-1]) for each in values] == [(99, 20_999), (0, 20_999), (-1, -2)]
        assert [len(each) for each in values[:2]] == [4, 4]
        assert all(each == sorted(each) for each in values[:2])

    def test_figures_are_searched_and_sorted_by(self, store: Store, experiment: str) -> None:
        ids, key = [], name()
        for values in ((0.9, 0.1, 0.5), (0.2, 0.3, 0.4), (float("nan"),), ()):
            ids.append(store.runs.create(NewRun(experiment_id=experiment)).info.run_id)
            points = tuple(point(key, value, step=step) for step, value in enumerate(values))
            store.runs.log_batch(ids[-1], RunBatch(metrics=points))

        def matching(text: str, *order_by: str) -> list[int]:
            query = ScopedQuery(experiment_ids=(experiment,), filter=text, order_by=order_by)
            return [ids.index(run.info.run_id) for run in store.runs.search(query)]

        low, high, mean, first, last = (f"metrics.`{key}.{name}`" for name in ("min", "max", "mean", "first", "last"))
        assert matching(f"{low} < 0.15") == [0]
        assert matching(f"{high} <= 0.4 AND {mean} > 0.29") == [1]
        assert matching(f"{first} > 0.5 OR {last} = 0.4", first) == [1, 0]
        assert matching("", low) == [0, 1, 2, 3], "NaN and what is missing come last"
        store.runs.log_batch(ids[3], RunBatch(metrics=(point(f"{key}.min", 7),)))
        assert matching(f"{low} > 5") == [3], "a metric of this name comes first"
        assert matching(f"{low} < 0.15") == []


class TestColumns:
    """Whole histories, figures and charts, as columns."""

    @pytest.fixture
    def runs(self, store: Store, experiment: str) -> list[str]:
        ids = [store.runs.create(NewRun(experiment_id=experiment)).info.run_id for _ in range(3)]
        for number, run_id in enumerate(ids):
            points = [point(key, 10 * number + n, step=n, timestamp=n) for key in "ab" for n in range(20 * number)]
            odd = [float("nan"), float("inf"), float("-inf")] if number == 2 else []
            points += [point("odd", value, step=2**62 + n, timestamp=-n) for n, value in enumerate(odd)]
            store.runs.log_batch(run_id, RunBatch(metrics=tuple(points)))
        return ids

    def test_whole_histories_of_runs_and_keys(self, store: Store, runs: list[str]) -> None:
        found = list(store.metrics.series([*runs, "none"], ["a", "b", "never"]))
        assert [(each.run_id, each.key) for each in found] == [(run_id, key) for run_id in runs[1:] for key in "ab"]
        assert list(found[-1].steps) == list(found[-1].timestamps) == list(range(40))
        assert list(found[-1].values) == [20 + n for n in range(40)]
        assert [each.key for each in store.metrics.series(runs[1:2])] == ["a", "b"]
        assert list(store.metrics.series([runs[0]])) == []

    def test_every_number_comes_back(self, store: Store, runs: list[str]) -> None:
        (odd,) = store.metrics.series([runs[2]], ["odd"])
        assert [repr(value) for value in odd.values] == ["nan", "inf", "-inf"]
        assert (list(odd.steps), list(odd.timestamps)) == ([2**62, 2**62 + 1, 2**62 + 2], [0, -1, -2])
        (drawn,) = store.metrics.charts([runs[2]], ["odd"], Sampling(count=100))
        assert [repr(value) for value in drawn.values] == ["nan", "inf", "-inf"]
        (figures,) = store.metrics.figures([runs[2]], ["odd"])
        assert [repr(each) for each in (figures.first, figures.min, figures.max, figures.last, figures.mean)] == [
            "nan",
            "-inf",
            "inf",
            "-inf",
            "nan",
        ]

    def test_figures_of_runs_and_keys(self, store: Store, runs: list[str]) -> None:
        found = store.metrics.figures([*runs, "none"], ["a", "never"])
        assert [(f.run_id, f.count, f.first, f.min, f.last, f.max, f.mean, f.step) for f in found] == [
            (runs[1], 20, 10, 10, 29, 29, 19.5, 19),
            (runs[2], 40, 20, 20, 59, 59, 39.5, 39),
        ]
        assert [f.key for f in store.metrics.figures([runs[1]])] == ["a", "b"]

    def test_charts_keep_a_spike(self, store: Store, runs: list[str]) -> None:
        spike = point("a", 1e6, step=17, timestamp=99)
        store.runs.log_batch(runs[2], RunBatch(metrics=(spike,)))
        found = store.metrics.charts(runs, ["a"], Sampling(count=8))
        assert [each.run_id for each in found] == runs[1:]
        assert all(len(each.values) <= 8 for each in found)
        assert 1e6 in found[1].values
        assert (found[1].steps[0], found[1].steps[-1]) == (0, 39)
        (zoomed,) = store.metrics.charts([runs[1]], ["a"], Sampling(count=100, start=5, end=7))
        assert list(zoomed.steps) == [5, 6, 7]
