"""The backend ray, on a cluster of this machine: `make soak` installs Ray."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import mlyard
from tests.conftest import LiveServer, free_port
from tests.system.projects.backends import places
from tests.system.projects.backends.conftest import clusters
from tests.system.projects.backends.places import Place

pytestmark = clusters


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, server: LiveServer) -> Iterator[Place]:
    with places.on_ray(tmp_path_factory.mktemp("ray"), server.url) as ready:
        yield ready


def test_a_folder_is_uploaded_and_a_cluster_of_this_machine_may_use_its_files(place: Place, project: str) -> None:
    uri = f"sqlite:///{Path('runs.db').resolve()}"
    done = place.run(project, "-P", "text=a", MLYARD_TRACKING_URI=uri)
    assert done.returncode == 0, done.stderr
    (run,) = mlyard.MlflowClient(uri).search_runs(["0"])
    assert run.data.metrics == {"rmse": 0.5}
    assert run.data.tags["mlflow.source.name"] == project
    assert run.data.tags["mlyard.project.job"].startswith("raysubmit_")


def test_a_job_that_cannot_start_mlyard_fails_the_run(place: Place, project: str) -> None:
    done = place.run(project, "-P", "text=a", "--experiment-name", "no-python", config={"python": "/no/python"})
    assert done.returncode == 1
    client = mlyard.MlflowClient(place.environment["MLYARD_TRACKING_URI"])
    experiment = client.get_experiment_by_name("no-python")
    assert experiment
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FAILED"
    assert " is FAILED: " in run.data.tags["mlyard.project.failure"]


def test_a_password_is_refused(place: Place, project: str) -> None:
    done = place.run(project, "-P", "text=a", config={"tracking-uri": "postgresql://u:hidden@host/db"})
    assert done.returncode == 1
    assert "contains a password" in done.stderr
    assert "hidden" not in done.stderr


def test_without_a_cluster_no_run_starts(place: Place, project: str) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    done = place.run(project, "-P", "text=a", RAY_API_SERVER_ADDRESS=address)
    assert done.returncode == 1
    assert "There is no Ray cluster at RAY_ADDRESS or this machine: start one with `ray start --head`" in done.stderr


def test_the_config_has_what_ray_reserves(place: Place, project: str) -> None:
    done = place.run(project, "-P", "text=a", config={"cpus": 1, "resources": {"no-such-thing": 1}, "start-seconds": 1})
    assert done.returncode == 1
    assert "has not started within 1 seconds: it is PENDING" in done.stderr
