"""What every store must do."""

from __future__ import annotations

import math
import threading
from typing import Any

import pytest

from mlyard.core.errors import AlreadyExists, DoesNotExist, InvalidParameter
from mlyard.domain import limits
from mlyard.domain.logged_models import READY, DatasetReference, LoggedModelQuery, NewLoggedModel
from mlyard.domain.metrics import Metric
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.page import ALL, DELETED_ONLY, ScopedQuery, SearchQuery
from mlyard.domain.runs import ModelOutput, NewRun, Param, Run, RunBatch, RunTag
from mlyard.ports.store import Store
from tests.contract.conftest import found, name, point


class TestExperiments:
    def test_created_ones_are_found_by_id_and_by_name(self, store: Store) -> None:
        chosen = name()
        created = store.experiments.create(chosen, tags={"a": "b"})
        experiment = store.experiments.get(created)
        assert (experiment.name, experiment.tags, experiment.lifecycle_stage) == (chosen, {"a": "b"}, "active")
        assert experiment.artifact_location.endswith(f"/{created}")
        assert store.experiments.get_by_name(chosen) == experiment
        assert store.experiments.get_by_name(name()) is None

    @pytest.mark.parametrize("location", ["s3://bucket/a#b", "file:///a?b", "mlflow-artifacts:/a#b"])
    def test_a_location_that_would_be_shared_is_refused(self, store: Store, location: str) -> None:
        chosen = name()
        with pytest.raises(InvalidParameter, match="'#'"):
            store.experiments.create(chosen, location)
        assert store.experiments.get_by_name(chosen) is None

    def test_a_relative_location_becomes_absolute(self, store: Store) -> None:
        created = store.experiments.create(name(), "some/folder")
        location = store.experiments.get(created).artifact_location
        assert location.startswith("/")
        assert location.endswith("/some/folder")
        run = store.runs.create(NewRun(experiment_id=created))
        assert run.info.artifact_uri == f"{location}/{run.info.run_id}/artifacts"

    def test_the_default_one_is_there(self, store: Store) -> None:
        assert store.experiments.get("0").name == "Default"

    def test_a_taken_name_is_refused_even_by_a_deleted_one(self, store: Store, experiment: str) -> None:
        taken = store.experiments.get(experiment).name
        with pytest.raises(AlreadyExists, match="already exists"):
            store.experiments.create(taken)
        store.experiments.delete(experiment)
        with pytest.raises(AlreadyExists, match="deleted"):
            store.experiments.create(taken)

    def test_deleting_and_restoring_takes_the_runs_along(self, store: Store, experiment: str, run: Run) -> None:
        store.experiments.delete(experiment)
        assert store.runs.get(run.info.run_id).info.lifecycle_stage == "deleted"
        with pytest.raises(InvalidParameter, match="active"):
            store.runs.create(NewRun(experiment_id=experiment))
        store.experiments.restore(experiment)
        assert store.runs.get(run.info.run_id).info.lifecycle_stage == "active"

    def test_renaming_and_tags(self, store: Store, experiment: str) -> None:
        fresh = name()
        store.experiments.rename(experiment, fresh)
        store.experiments.set_tag(experiment, "k", "v")
        assert store.experiments.get(experiment).name == fresh
        assert store.experiments.get(experiment).tags == {"k": "v"}
        store.experiments.delete_tag(experiment, "k")
        with pytest.raises(DoesNotExist, match="No tag with name: k"):
            store.experiments.delete_tag(experiment, "k")

    def test_search_filters_by_name_and_tag_and_view(self, store: Store, experiment: str) -> None:
        own = store.experiments.get(experiment).name
        store.experiments.set_tag(experiment, "team", "x")
        query = SearchQuery(filter=f"name LIKE '{own[:-3]}%' AND tags.team = 'x'")
        assert [e.experiment_id for e in store.experiments.search(query)] == [experiment]
        store.experiments.delete(experiment)
        assert not store.experiments.search(query)
        deleted = SearchQuery(filter=f"name = '{own}'", view=DELETED_ONLY)
        assert [e.experiment_id for e in store.experiments.search(deleted)] == [experiment]

    @pytest.mark.parametrize("unknown", ["987654", "99999999999999999999999999"])
    def test_an_unknown_id_is_named(self, store: Store, unknown: str) -> None:
        with pytest.raises(DoesNotExist, match=f"No Experiment with id={unknown[:6]}"):
            store.experiments.get(unknown)

    @pytest.mark.parametrize("wrong", ["abc", "-1", "1.5", "²"])
    def test_an_id_that_is_no_number_is_refused(self, store: Store, wrong: str) -> None:
        with pytest.raises(InvalidParameter, match="valid integer"):
            store.experiments.get(wrong)


class TestRuns:
    def test_a_run_starts_running_with_a_name_and_a_place(self, store: Store, run: Run) -> None:
        info = store.runs.get(run.info.run_id).info
        assert info == run.info
        assert (info.status, info.user_id, info.start_time, info.end_time) == ("RUNNING", "ann", 5, None)
        assert info.artifact_uri.endswith(f"/{info.experiment_id}/{info.run_id}/artifacts")
        assert run.data.tags["mlflow.runName"] == info.run_name != ""

    @pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**40])
    def test_a_time_that_does_not_fit_is_refused(self, store: Store, run: Run, number: int) -> None:
        with pytest.raises(InvalidParameter, match=r"start_time.*does not fit in 64 bits"):
            store.runs.create(NewRun(experiment_id=run.info.experiment_id, start_time=number))
        with pytest.raises(InvalidParameter, match=r"end_time.*does not fit in 64 bits"):
            store.runs.update(run.info.run_id, end_time=number)
        assert store.runs.get(run.info.run_id).info == run.info

    def test_name_and_tag_follow_each_other(self, store: Store, experiment: str) -> None:
        named = store.runs.create(NewRun(experiment_id=experiment, run_name="first"))
        assert named.data.tags["mlflow.runName"] == "first"
        store.runs.update(named.info.run_id, run_name="second")
        assert store.runs.get(named.info.run_id).data.tags["mlflow.runName"] == "second"
        store.runs.log_batch(named.info.run_id, RunBatch(tags=(RunTag(key="mlflow.runName", value="third"),)))
        store.runs.log_batch(named.info.run_id, RunBatch(tags=(RunTag(key="mlflow.runName", value=""),)))
        kept = store.runs.get(named.info.run_id)
        assert kept.info.run_name == kept.data.tags["mlflow.runName"] == "third"

    def test_ending_sets_status_and_time(self, store: Store, run: Run) -> None:
        info = store.runs.update(run.info.run_id, status="FAILED", end_time=9)
        assert (info.status, info.end_time) == ("FAILED", 9)
        with pytest.raises(InvalidParameter, match="Invalid run status 'DONE'"):
            store.runs.update(run.info.run_id, status="DONE")

    def test_a_batch_is_there_whole(self, store: Store, run: Run) -> None:
        batch = RunBatch(
            metrics=(point("m", 1.5), point("m", 0.5, step=1)),
            params=(Param(key="p", value="1"), Param(key="empty", value="")),
            tags=(RunTag(key="t", value="x"),),
        )
        store.runs.log_batch(run.info.run_id, batch)
        data = store.runs.get(run.info.run_id).data
        assert data.metrics == {"m": 0.5}
        assert data.params == {"p": "1", "empty": ""}
        assert data.tags["t"] == "x"

    def test_a_changed_param_is_refused_and_nothing_of_its_batch_is_written(self, store: Store, run: Run) -> None:
        store.runs.log_batch(run.info.run_id, RunBatch(params=(Param(key="p", value="1"),)))
        store.runs.log_batch(run.info.run_id, RunBatch(params=(Param(key="p", value="1"),)))
        batch = RunBatch(
            metrics=(point("m", 1),), params=(Param(key="p", value="2"),), tags=(RunTag(key="t", value="x"),)
        )
        with pytest.raises(InvalidParameter, match=r"key='p' was already logged with value='1'"):
            store.runs.log_batch(run.info.run_id, batch)
        data = store.runs.get(run.info.run_id).data
        assert (data.metrics, data.params) == ({}, {"p": "1"})
        assert "t" not in data.tags

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, -0.0])
    def test_every_float_survives(self, store: Store, run: Run, value: float) -> None:
        store.runs.log_batch(run.info.run_id, RunBatch(metrics=(point("m", value),)))
        read = store.runs.get(run.info.run_id).data.metrics["m"]
        history = store.metrics.history(run.info.run_id, "m")[0].value
        for got in (read, history):
            assert math.isnan(got) if math.isnan(value) else got == value

    @pytest.mark.parametrize("step", [-(2**63), -1, 0, 2**63 - 1])
    def test_every_step_survives(self, store: Store, run: Run, step: int) -> None:
        store.runs.log_batch(run.info.run_id, RunBatch(metrics=(point("m", 1, step=step, timestamp=step),)))
        (read,) = store.metrics.history(run.info.run_id, "m")
        assert (read.step, read.timestamp) == (step, step)

    def test_the_latest_is_by_step_then_time_then_value_and_equal_points_collapse(self, store: Store, run: Run) -> None:
        points = [point("m", 9, step=1), point("m", 1, step=2, timestamp=3), point("m", 5, step=2, timestamp=1)]
        for item in [*points, *points]:
            store.runs.log_batch(run.info.run_id, RunBatch(metrics=(item,)))
        assert store.runs.get(run.info.run_id).data.metrics == {"m": 1}
        history = store.metrics.history(run.info.run_id, "m")
        assert [(p.step, p.timestamp, p.value) for p in history] == [(1, 1, 9), (2, 1, 5), (2, 3, 1)]

    def test_history_comes_in_pages(self, store: Store, run: Run) -> None:
        store.runs.log_batch(run.info.run_id, RunBatch(metrics=tuple(point("m", n, step=n) for n in range(25))))
        values, token = [], None
        while True:
            page = store.metrics.history(run.info.run_id, "m", 10, token)
            assert len(page) <= 10
            values += [p.value for p in page]
            token = page.token
            if not token:
                break
        assert values == list(range(25))
        assert store.metrics.history(run.info.run_id, "never") == []

    @pytest.mark.parametrize(
        ("batch", "reason"),
        [
            (RunBatch(metrics=(point("k" * 251, 1),)), "250"),
            (RunBatch(metrics=(point("../m", 1),)), r"\.\./m"),
            (RunBatch(metrics=(point("m!", 1),)), "m!"),
            (RunBatch(metrics=tuple(point("m", 1, step=n) for n in range(1001))), "1000"),
            (RunBatch(params=tuple(Param(key=f"p{n}", value="") for n in range(101))), "100"),
            (RunBatch(params=(Param(key="p", value="1"), Param(key="p", value="2"))), "Duplicate parameter"),
            (RunBatch(metrics=(point("m", 1, step=2**63),)), "64 bits"),
        ],
    )
    def test_a_bad_batch_is_refused_whole(self, store: Store, run: Run, batch: RunBatch, reason: str) -> None:
        with pytest.raises(InvalidParameter, match=reason):
            store.runs.log_batch(run.info.run_id, batch)
        after = store.runs.get(run.info.run_id).data
        assert (after.metrics, after.params) == ({}, {})

    def test_long_values_are_cut_as_mlflow_does(self, store: Store, run: Run) -> None:
        long = RunBatch(params=(Param(key="p", value="x" * 6001),), tags=(RunTag(key="t", value="x" * 8001),))
        store.runs.log_batch(run.info.run_id, long)
        data = store.runs.get(run.info.run_id).data
        assert (data.params["p"], data.tags["t"]) == ("x" * 6000, "x" * 8000)

    def test_a_deleted_run_takes_nothing(self, store: Store, experiment: str, run: Run) -> None:
        store.runs.delete(run.info.run_id)
        with pytest.raises(InvalidParameter, match="active"):
            store.runs.log_batch(run.info.run_id, RunBatch(metrics=(point("m", 1),)))
        assert found(store, experiment) == []
        assert found(store, experiment, view=ALL) == [run.info.run_name]
        store.runs.restore(run.info.run_id)
        assert found(store, experiment) == [run.info.run_name]

    @pytest.mark.parametrize("unknown", ["0" * 32, "../../etc", "x'; DROP TABLE runs"])
    def test_an_unknown_run_is_named(self, store: Store, unknown: str) -> None:
        with pytest.raises(DoesNotExist, match="Run with id="):
            store.runs.get(unknown)
        with pytest.raises(DoesNotExist, match="Run with id="):
            store.runs.log_batch(unknown, RunBatch(metrics=(point("m", 1),)))

    def test_tags_are_removed_once(self, store: Store, run: Run) -> None:
        store.runs.log_batch(run.info.run_id, RunBatch(tags=(RunTag(key="t", value="x"),)))
        store.runs.delete_tag(run.info.run_id, "t")
        with pytest.raises(DoesNotExist, match="No tag with name: t"):
            store.runs.delete_tag(run.info.run_id, "t")

    def test_writers_at_once_lose_nothing(self, store: Store, run: Run) -> None:
        def write(worker: int) -> None:
            for step in range(20):
                keys = [f"k{n}" for n in range(10)]
                ordered = keys if worker % 2 else keys[::-1]
                batch = RunBatch(metrics=tuple(point(key, worker, step=step, timestamp=worker) for key in ordered))
                store.runs.log_batch(run.info.run_id, batch)

        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.runs.get(run.info.run_id).data.metrics == {f"k{n}": 3 for n in range(10)}
        assert len(store.metrics.history(run.info.run_id, "k0")) == 80


class TestSearchRuns:
    @pytest.fixture
    def many(self, store: Store, experiment: str) -> str:
        for n in range(7):
            created = store.runs.create(NewRun(experiment_id=experiment, run_name=f"r{n}", start_time=n, user_id="ann"))
            value = math.nan if n == 5 else float(n % 3)
            metrics = (point("loss", value),) if n < 6 else ()
            batch = RunBatch(
                metrics=metrics, params=(Param(key="lr", value=f"0.{n}"),), tags=(RunTag(key="k", value="V"),)
            )
            store.runs.log_batch(created.info.run_id, batch)
        return experiment

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("metrics.loss < 1", ["r3", "r0"]),
            ("metrics.loss >= 1 AND params.lr = '0.4'", ["r4"]),
            ("metrics.loss != 0", ["r5", "r4", "r2", "r1"]),
            ("params.lr LIKE '0.%' AND run_name IN ('r1', 'r6')", ["r6", "r1"]),
            ("tags.k LIKE 'v'", []),
            ("tags.k ILIKE 'v' AND start_time > 5", ["r6"]),
            ("params.lr LIKE '*'", []),
            ("tags.missing IS NULL AND run_name = 'r2'", ["r2"]),
            ("tags.k IS NOT NULL AND user_id = 'ann' AND attributes.status = 'RUNNING' AND end_time > 1", []),
            ("metrics.never > 0", []),
        ],
    )
    def test_filters(self, store: Store, many: str, text: str, expected: list[str]) -> None:
        assert found(store, many, filter=text) == expected

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            ((), ["r6", "r5", "r4", "r3", "r2", "r1", "r0"]),
            (("start_time ASC",), ["r0", "r1", "r2", "r3", "r4", "r5", "r6"]),
            (("metrics.loss DESC",), ["r2", "r4", "r1", "r3", "r0", "r5", "r6"]),
            (("metrics.loss ASC", "params.lr ASC"), ["r0", "r3", "r1", "r4", "r2", "r5", "r6"]),
            (("params.lr DESC",), ["r6", "r5", "r4", "r3", "r2", "r1", "r0"]),
        ],
    )
    def test_orders_with_missing_values_and_nan_last(
        self, store: Store, many: str, order: tuple[str, ...], expected: list[str]
    ) -> None:
        assert found(store, many, order_by=order) == expected
        paged, token = [], None
        while True:
            query = ScopedQuery(experiment_ids=(many,), order_by=order, max_results=2, page_token=token)
            page = store.runs.search(query)
            paged += [run.info.run_name for run in page]
            token = page.token
            if not token:
                break
        assert paged == expected

    @pytest.mark.parametrize(
        "wrong", [{"max_results": 50_001}, {"max_results": 0}, {"page_token": "junk"}, {"view": "X"}]
    )
    def test_what_makes_no_sense_is_refused(self, store: Store, experiment: str, wrong: dict[str, object]) -> None:
        with pytest.raises(InvalidParameter):
            found(store, experiment, **wrong)

    def test_no_experiments_no_runs(self, store: Store, many: str) -> None:
        assert not store.runs.search(ScopedQuery())
        assert not store.runs.search(ScopedQuery(experiment_ids=("9" * 30,)))
        with pytest.raises(InvalidParameter, match="valid integer"):
            store.runs.search(ScopedQuery(experiment_ids=("x",)))


class TestLoggedModels:
    def test_metrics_of_a_model_are_searched_and_ordered_by(self, store: Store, experiment: str, run: Run) -> None:
        first, second = (
            store.logged_models.create(NewLoggedModel(experiment_id=experiment, name=n)).model_id for n in "ab"
        )
        store.runs.log_batch(
            run.info.run_id,
            RunBatch(
                metrics=(
                    Metric(key="acc", value=0.5, timestamp=1, model_id=first, dataset_name="d", dataset_digest="x"),
                    Metric(key="acc", value=0.9, timestamp=2, model_id=first),
                    Metric(key="acc", value=0.7, timestamp=3, model_id=second),
                )
            ),
        )
        metrics = store.logged_models.get(first).metrics
        assert [(m.value, m.dataset_name, m.run_id) for m in metrics] == [
            (0.5, "d", run.info.run_id),
            (0.9, None, run.info.run_id),
        ]

        def search(**query: object) -> list[str]:
            asked = LoggedModelQuery(experiment_ids=(experiment,), **query)  # type: ignore[arg-type]
            return [model.name for model in store.logged_models.search(asked)]

        assert search(order_by=("metrics.acc DESC",)) == ["a", "b"]
        assert search(filter="metrics.acc < 0.6") == ["a"]
        assert search(filter="metrics.acc > 0.6", datasets=(DatasetReference(name="d"),)) == []
        assert search(datasets=(DatasetReference(name="d", digest="x"),)) == ["a"]
        unknown = Metric(key="acc", value=1, timestamp=1, model_id="m-none")
        with pytest.raises(InvalidParameter, match="m-none"):
            store.runs.log_batch(run.info.run_id, RunBatch(metrics=(unknown,)))

    def test_a_model_without_a_run_is_not_of_a_run(self, store: Store, experiment: str, run: Run) -> None:
        for name_, run_id in (("of it", run.info.run_id), ("of another", "f" * 32), ("of none", None)):
            store.logged_models.create(NewLoggedModel(experiment_id=experiment, name=name_, source_run_id=run_id))
        found_ = {}
        for op in ("=", "!="):
            query = LoggedModelQuery(experiment_ids=(experiment,), filter=f"source_run_id {op} '{run.info.run_id}'")
            found_[op] = {model.name for model in store.logged_models.search(query)}
        assert found_ == {"=": {"of it"}, "!=": {"of another", "of none"}}

    def test_long_params_are_cut_as_those_of_runs(self, store: Store, experiment: str) -> None:
        long = "x" * (limits.MAX_PARAM_VALUE + 1)
        model = store.logged_models.create(NewLoggedModel(experiment_id=experiment, name="m", params={"a": long}))
        for _ in range(2):
            store.logged_models.log_params(model.model_id, {"a": long, "b": long})
        assert store.logged_models.get(model.model_id).params == {"a": long[:-1], "b": long[:-1]}

    def test_a_model_of_its_own_and_one_within_a_run(self, store: Store, experiment: str, run: Run) -> None:
        own = store.logged_models.create(NewLoggedModel(experiment_id=experiment, name="m", params={"a": "1"}))
        assert own.artifact_uri.endswith(f"/{experiment}/models/{own.model_id}/artifacts")
        within = store.logged_models.create(
            NewLoggedModel(experiment_id=experiment, name="m", source_run_id=run.info.run_id, artifact_path="m")
        )
        assert within.artifact_uri == f"{run.info.artifact_uri}/m"
        assert store.logged_models.get(own.model_id).params == {"a": "1"}
        query = LoggedModelQuery(
            experiment_ids=(experiment,), filter=f"source_run_id = '{run.info.run_id}' AND name = 'm'"
        )
        assert [model.model_id for model in store.logged_models.search(query)] == [within.model_id]

    def test_its_life(self, store: Store, experiment: str, run: Run) -> None:
        model = store.logged_models.create(NewLoggedModel(experiment_id=experiment, name="m"))
        assert store.logged_models.finalize(model.model_id, READY).status == READY
        assert store.logged_models.set_tags(model.model_id, {"k": "v"}).tags == {"k": "v"}
        store.logged_models.log_params(model.model_id, {"p": "1"})
        with pytest.raises(InvalidParameter, match="Changing param"):
            store.logged_models.log_params(model.model_id, {"p": "2"})
        store.runs.log_outputs(run.info.run_id, [ModelOutput(model_id=model.model_id, step=3)])
        assert store.runs.get(run.info.run_id).outputs.model_outputs == (ModelOutput(model_id=model.model_id, step=3),)
        store.logged_models.delete(model.model_id)
        with pytest.raises(DoesNotExist, match=f"Logged model with ID '{model.model_id}'"):
            store.logged_models.get(model.model_id)

    @pytest.mark.parametrize("path", ["../x", "/etc", "a/../../b"])
    def test_a_path_that_leaves_the_run_is_refused(self, store: Store, experiment: str, run: Run, path: str) -> None:
        with pytest.raises(InvalidParameter):
            store.logged_models.create(
                NewLoggedModel(experiment_id=experiment, source_run_id=run.info.run_id, artifact_path=path)
            )


class TestRegistry:
    @pytest.fixture
    def model(self, store: Store) -> str:
        return store.registered_models.create(name(), "about", {"k": "v"}).name

    def version(self, store: Store, model: str, run: Run) -> str:
        source = f"{run.info.artifact_uri}/model"
        return store.model_versions.create(NewModelVersion(name=model, source=source, run_id=run.info.run_id)).version

    def test_versions_count_up_and_numbers_are_never_reused(self, store: Store, model: str, run: Run) -> None:
        assert [self.version(store, model, run) for _ in range(3)] == ["1", "2", "3"]
        store.model_versions.delete(model, "3")
        assert self.version(store, model, run) == "4"
        assert store.model_versions.download_uri(model, "4") == f"{run.info.artifact_uri}/model"

    def test_stages_move_and_archive(self, store: Store, model: str, run: Run) -> None:
        for _ in range(2):
            self.version(store, model, run)
        assert store.model_versions.transition(model, "1", "production").current_stage == "Production"
        store.model_versions.transition(model, "2", "Production", archive_existing=True)
        assert store.model_versions.get(model, "1").current_stage == "Archived"
        latest = store.registered_models.latest_versions(model)
        assert {v.current_stage: v.version for v in latest} == {"Archived": "1", "Production": "2"}
        assert [v.version for v in store.registered_models.latest_versions(model, ["Production"])] == ["2"]
        with pytest.raises(InvalidParameter, match="Invalid Model Version stage: Live"):
            store.model_versions.transition(model, "1", "Live")

    def test_aliases_point_at_versions(self, store: Store, model: str, run: Run) -> None:
        self.version(store, model, run)
        store.registered_models.set_alias(model, "champion", "1")
        assert store.registered_models.get_by_alias(model, "champion").aliases == ("champion",)
        assert store.registered_models.get(model).aliases == {"champion": "1"}
        store.registered_models.delete_alias(model, "champion")
        with pytest.raises(InvalidParameter, match="alias champion not found"):
            store.registered_models.get_by_alias(model, "champion")
        for reserved in ("latest", "V12", "a b"):
            with pytest.raises(InvalidParameter, match="Invalid alias"):
                store.registered_models.set_alias(model, reserved, "1")

    def test_renaming_moves_everything(self, store: Store, model: str, run: Run) -> None:
        self.version(store, model, run)
        fresh = store.registered_models.rename(model, name()).name
        assert store.registered_models.get(fresh).tags == {"k": "v"}
        assert store.model_versions.get(fresh, "1").name == fresh
        with pytest.raises(DoesNotExist, match=f"Registered Model with name={model} not found"):
            store.registered_models.get(model)

    def test_search(self, store: Store, model: str, run: Run) -> None:
        self.version(store, model, run)
        models = store.registered_models.search(SearchQuery(filter=f"name = '{model}' AND tags.k = 'v'", max_results=5))
        assert [m.name for m in models] == [model]
        unflagged = f"name = '{model}' AND tag.`mlflow.prompt.is_prompt` != 'true'"
        assert len(store.registered_models.search(SearchQuery(filter=unflagged, max_results=5))) == 1
        versions = store.model_versions.search(SearchQuery(filter=f"name = '{model}' AND run_id = '{run.info.run_id}'"))
        assert [v.version for v in versions] == ["1"]

    def test_the_alias_latest_is_the_newest_version(self, store: Store, model: str, run: Run) -> None:
        with pytest.raises(DoesNotExist, match=f"Latest version not found for model {model}"):
            store.registered_models.get_by_alias(model, "latest")
        for _ in range(2):
            self.version(store, model, run)
        store.model_versions.transition(model, "1", "Production")
        assert store.registered_models.get_by_alias(model, "latest").version == "2"

    def test_prompts_are_found_only_by_those_who_look_for_them(self, store: Store, model: str) -> None:
        """MLflow's clients keep prompts among the registered models."""
        flag = {"mlflow.prompt.is_prompt": "true"}
        prompt = store.registered_models.create(name(), tags=flag).name
        for called, tags in ((prompt, flag), (model, {})):
            store.model_versions.create(NewModelVersion(name=called, source="s3://bucket/x", tags=tags))
        searches: tuple[Any, ...] = (store.registered_models, store.model_versions)
        for either in (f"name = '{model}' OR name = '{prompt}'", f"name IN ('{prompt}', '{model}')"):
            flagged = f"({either}) AND tags.`mlflow.prompt.is_prompt`"
            for port in searches:
                assert [found.name for found in port.search(SearchQuery(filter=either, max_results=9))] == [model]
                for condition, expected in ((" = 'true'", [prompt]), (" != 'true'", [model])):
                    found = port.search(SearchQuery(filter=f"{flagged}{condition}", max_results=9))
                    assert [one.name for one in found] == expected
        assert prompt not in [one.name for one in store.registered_models.search(SearchQuery(max_results=1000))]
        assert prompt not in [one.name for one in store.model_versions.search(SearchQuery(max_results=1000))]

    def test_descriptions_and_tags(self, store: Store, model: str, run: Run) -> None:
        self.version(store, model, run)
        assert store.registered_models.update(model, "new").description == "new"
        assert store.model_versions.update(model, "1", "this one").description == "this one"
        store.model_versions.set_tag(model, "1", "a", "b")
        assert store.model_versions.get(model, "1").tags == {"a": "b"}
        store.model_versions.delete_tag(model, "1", "a")
        assert store.model_versions.get(model, "1").tags == {}

    def test_deleting_is_for_good(self, store: Store, model: str, run: Run) -> None:
        self.version(store, model, run)
        store.registered_models.delete(model)
        with pytest.raises(DoesNotExist):
            store.model_versions.get(model, "1")

    def test_what_is_wrong_is_named(self, store: Store, model: str) -> None:
        with pytest.raises(AlreadyExists, match=f"name={model}"):
            store.registered_models.create(model)
        with pytest.raises(InvalidParameter, match="a/b"):
            store.registered_models.create("a/b")
        with pytest.raises(DoesNotExist, match="version=9"):
            store.model_versions.get(model, "9")
        with pytest.raises(InvalidParameter, match="must be an integer, got 'x'"):
            store.model_versions.get(model, "x")
