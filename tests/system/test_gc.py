"""`mlyard gc`: deleted things go for good, and nothing else does, however often it is killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mlyard import MlyardClient
from mlyard.core.errors import InvalidParameter
from mlyard.core.ids import new_run_id
from mlyard.domain.inputs import Dataset, DatasetInput, InputTag
from mlyard.domain.metrics import Metric
from mlyard.domain.runs import ModelOutput
from mlyard.stores.sql import tables
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.trash import SqlTrash
from tests.conftest import SOAK, clean_environment, until
from tests.postgres import Cluster
from tests.s3 import BUCKET, S3Server

ROUNDS = 100 if SOAK else 10
Gc = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(params=["sqlite", "postgresql"])
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mlyard.db'}"
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.new_database()


@pytest.fixture
def client(uri: str) -> MlyardClient:
    return MlyardClient(uri)


def command(uri: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "mlyard", "gc", "--backend-store-uri", uri, *arguments]


@pytest.fixture
def gc(uri: str, tmp_path: Path) -> Gc:
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(uri, *arguments),
            cwd=tmp_path,
            env=clean_environment(**environment),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def filled_run(client: MlyardClient, experiment: str) -> str:
    """A run with something in every table that hangs on runs, and files."""
    run_id = client.create_run(experiment, tags={"t": "1"}).info.run_id
    points = [Metric(key=key, value=v, timestamp=v, step=v) for key in ("a", "b") for v in range(50)]
    client.log_batch(run_id, points, tags=[])
    client.log_param(run_id, "p", 1)
    dataset = Dataset(name="d", digest="1", source_type="local", source="{}")
    client.store.runs.log_inputs(
        run_id, [DatasetInput(dataset=dataset, tags=(InputTag(key="mlflow.data.context", value="train"),))], []
    )
    model = client.create_logged_model(experiment, "m", run_id, params={"x": 1}, tags={"y": 2}, artifact_path="model")
    client.log_outputs(run_id, [ModelOutput(model_id=model.model_id, step=0)])
    client.log_text(run_id, "a" * 1000, "deep/a.txt")
    client.log_text(run_id, "model", "model/MLmodel")
    return run_id


def counts(uri: str) -> dict[str, int]:
    """Rows by table, where there are any."""
    database = Database(uri)
    try:
        found = {
            table.name: database.read(
                lambda c, table=table: c.execute(select(func.count()).select_from(table)).scalar_one()
            )
            for table in tables.metadata.sorted_tables
        }
    finally:
        database.close()
    return {name: count for name, count in found.items() if count and name not in {"keys", "secrets"}}


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in (folder / "mlartifacts").rglob("*") if p.is_file()}


def test_all_of_an_experiment_goes_and_nothing_else(uri: str, client: MlyardClient, gc: Gc, tmp_path: Path) -> None:
    keep = client.create_experiment("keep")
    kept_run = filled_run(client, keep)
    rows, tree = counts(uri), files(tmp_path)
    gone = client.create_experiment("gone")
    runs = [filled_run(client, gone) for _ in range(3)]
    client.delete_run(runs[0])
    client.delete_experiment(gone)

    full = counts(uri), files(tmp_path)
    plan = gc("--dry-run")
    assert plan.returncode == 0, plan.stderr
    assert f"would remove run {runs[0]}" in plan.stdout
    assert "Would remove 3 logged models, 3 runs, 1 experiment" in plan.stdout
    assert (counts(uri), files(tmp_path)) == full

    assert gc("--older-than", "1d").stdout == "Removed nothing: 0 files, 0.0 MB.\n"
    done = gc()
    assert done.returncode == 0, done.stderr
    assert counts(uri) == rows
    assert files(tmp_path) == tree
    assert client.download_artifacts(kept_run, "deep/a.txt")
    assert gc().stdout == "Removed nothing: 0 files, 0.0 MB.\n"


def test_only_what_is_named_goes(client: MlyardClient, gc: Gc) -> None:
    first, second, active = (filled_run(client, "0") for _ in range(3))
    client.delete_run(first)
    client.delete_run(second)
    for wrong, message in (
        (("--run-ids", f"{first},{active}"), "is not deleted"),
        (("--run-ids", new_run_id()), "is not deleted"),
        (("--run-ids", first, "--older-than", "1d"), "later than --older-than"),
        (("--experiment-ids", "0"), "is not deleted"),
        (("--experiment-ids", "../x"), "expected a number"),
        (("--older-than", "soon"), "1d2h3m4s"),
        (("--backend-store-uri", "http://127.0.0.1:1"), "direct access to the database"),
    ):
        refused = gc(*wrong)
        assert refused.returncode == 1
        assert message in refused.stderr, wrong
        assert "Traceback" not in refused.stderr
    assert gc("--run-ids", first).returncode == 0
    deleted = client.search_runs(["0"], run_view_type="DELETED_ONLY")
    assert [run.info.run_id for run in deleted] == [second]
    assert client.get_run(active).info.run_id == active


def test_what_cannot_be_removed_is_kept_and_named(
    client: MlyardClient, gc: Gc, s3: S3Server, tmp_path: Path, uri: str
) -> None:
    missing, registered, elsewhere = (filled_run(client, "0") for _ in range(3))
    away = client.create_run(client.create_experiment("away", "s3://no-such-bucket/x")).info.run_id
    client.delete_artifacts(missing, "deep")
    client.create_registered_model("m")
    client.create_model_version("m", f"{client.get_run(registered).info.artifact_uri}/model", registered)
    database = Database(uri)
    outside = tables.runs.update().where(tables.runs.c.run_id == elsewhere).values(artifact_uri="/etc")
    database.write(lambda c: c.execute(outside))
    database.close()
    for run_id in (missing, registered, elsewhere, away):
        client.delete_run(run_id)
    done = gc(**s3.environment)
    assert done.returncode == 1
    assert f"removed run {missing}" in done.stdout
    assert f"kept run {registered}: Its artifacts contain versions of registered models: m/1." in done.stderr
    assert f"kept run {elsewhere}: Its artifacts are at '/etc'" in done.stderr
    assert f"kept run {away}: " in done.stderr
    assert client.download_artifacts(registered, "model/MLmodel")
    assert Path("/etc/passwd").exists()


def test_artifacts_in_s3_go_too(
    uri: str, s3: S3Server, gc: Gc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    client = MlyardClient(uri)
    root = f"{tmp_path.name}-{uri.partition(':')[0]}"
    experiment = client.create_experiment("s3", f"s3://{BUCKET}/{root}")
    kept, gone = filled_run(client, experiment), filled_run(client, experiment)
    client.delete_run(gone)
    assert gc(**s3.environment).returncode == 0
    assert {key.split("/")[1] for key in s3.objects(root)} == {kept}


def test_it_may_be_killed_anywhere(uri: str, client: MlyardClient, gc: Gc, tmp_path: Path) -> None:
    filled_run(client, client.create_experiment("keep"))
    rows, tree = counts(uri), files(tmp_path)
    for number in range(ROUNDS):
        experiment = client.create_experiment(f"gone-{number}")
        for _ in range(3):
            filled_run(client, experiment)
        client.delete_experiment(experiment)
        killed = subprocess.Popen(
            command(uri), cwd=tmp_path, env=clean_environment(), stdout=subprocess.PIPE, text=True
        )
        assert killed.stdout
        for _ in range(random.randrange(7)):
            killed.stdout.readline()
        killed.kill()
        killed.wait()
        killed.stdout.close()
    assert gc().returncode == 0
    assert counts(uri) == rows
    assert files(tmp_path) == tree


def half_an_upload(client: MlyardClient, run_id: str, path: str) -> subprocess.Popen[bytes]:
    """A process that is in the middle of logging a large file."""
    code = "import sys, mlyard; mlyard.MlyardClient(sys.argv[1]).log_stream(sys.argv[2], sys.stdin.buffer, sys.argv[3])"
    writer = subprocess.Popen(
        [sys.executable, "-c", code, client.tracking_uri, run_id, path], stdin=subprocess.PIPE, env={**os.environ}
    )
    assert writer.stdin
    writer.stdin.write(os.urandom(20_000_000))
    writer.stdin.flush()
    return writer


@pytest.mark.parametrize("place", ["folder", "s3"])
def test_what_killed_uploads_left_is_dropped(
    place: str, uri: str, s3: S3Server, gc: Gc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    client, root = MlyardClient(uri), f"{tmp_path.name}-{uri.partition(':')[0]}"
    location = f"s3://{BUCKET}/{root}" if place == "s3" else str(tmp_path / "mlartifacts")
    run_id = client.create_run(client.create_experiment("e", location)).info.run_id

    def partial() -> list[str]:
        if place == "s3":
            return [key for key in s3.uploads() if key.startswith(root)]
        return [path for path in files(tmp_path) if ".mlyard-partial-" in path]

    writer = half_an_upload(client, run_id, "deep/large.bin")
    until(lambda: len(partial()) == 1)
    writer.kill()
    writer.communicate()
    if place == "s3":  # somebody else's upload to the same bucket
        s3.client().create_multipart_upload(Bucket=BUCKET, Key=f"{root}/backup/2026.tar")
    others = len(partial()) - 1
    assert gc(**s3.environment).stdout == "Removed nothing: 0 files, 0.0 MB.\n", "it is not a day old"
    plan = gc("--unfinished-older-than", "0s", "--dry-run", **s3.environment)
    assert "would remove unfinished upload" in plan.stdout, plan.stderr
    assert len(partial()) == 1 + others
    done = gc("--unfinished-older-than", "0s", **s3.environment)
    assert "Removed 1 unfinished upload" in done.stdout, done.stderr
    assert len(partial()) == others
    assert client.list_artifacts(run_id, "deep") == []


def test_a_restore_and_a_removal_at_the_same_time(client: MlyardClient, uri: str) -> None:
    """Either the entity is restored, and nothing of it is removed, or it can no longer be restored."""
    database = Database(uri)
    trash = SqlTrash(database)
    experiment = client.create_experiment("both")
    kept, gone, model = (client.create_run(experiment).info.run_id for _ in range(3))
    model_id = client.create_logged_model(experiment, source_run_id=model).model_id
    client.delete_run(kept)
    client.delete_run(gone)
    client.restore_run(kept)
    with pytest.raises(InvalidParameter, match=f"The run {kept} has been restored"):
        trash.claim_run(kept)
    with pytest.raises(InvalidParameter, match=f"The logged model {model_id} has been restored"):
        trash.claim_logged_model(model_id)
    trash.claim_run(gone)
    with pytest.raises(InvalidParameter, match=f"The run {gone} is being removed for good"):
        client.restore_run(gone)
    client.delete_experiment(experiment)
    trash.claim_run(kept)
    trash.claim_logged_model(model_id)
    client.restore_experiment(experiment)
    stages = {each: client.get_run(each).info.lifecycle_stage for each in (kept, gone, model)}
    assert stages == {kept: "deleted", gone: "deleted", model: "active"}
    assert {run.id for run in trash.runs(0)} == {kept, gone}, "a removal that was interrupted is taken up again"
    assert [each.id for each in trash.logged_models(2**62)] == [model_id]
    database.close()
