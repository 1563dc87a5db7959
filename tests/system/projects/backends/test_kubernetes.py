"""The backend kubernetes: the real kubectl, the official schema, and a stand-in for a cluster."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from mlyard.projects.backends.kubernetes_manifest import Rendered, read_template, render
from tests.conftest import LiveServer, until
from tests.system.projects.backends import places
from tests.system.projects.backends.kubernetes_stand_in import SCHEMA, Cluster
from tests.system.projects.backends.places import Place, run_of

FAILURE = "mlyard.project.failure"
# In the form of the template in MLflow's documentation: placeholders in braces, and what the cluster needs.
TEMPLATE = """
apiVersion: batch/v1
kind: Job
metadata:
  name: "{replaced with the name}"
  namespace: team
  labels: {team: wine}
spec:
  ttlSecondsAfterFinished: 100
  backoffLimit: 2
  template:
    spec:
      containers:
      - name: "{replaced with the name}"
        image: "{replaced with the image}"
        command: ["{replaced with the command}"]
        args: [old]
        env: ["{appended with variables}", {name: KEPT, value: "1"}]
        resources: {limits: {memory: 512Mi, nvidia.com/gpu: 1}, requests: {cpu: 500m}}
      restartPolicy: Never
"""


@pytest.fixture
def place(tmp_path: Path, server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("MLYARD_TRACKING_URI", server.url)
    folder = tmp_path / "cluster"
    folder.mkdir()
    with places.on_kubernetes(folder, server.url) as ready:
        yield ready


def cluster_of(place: Place) -> Cluster:
    assert place.cluster
    return place.cluster


@pytest.mark.parametrize("text", [None, TEMPLATE])
def test_a_job_follows_the_official_schema(text: str | None, tmp_path: Path) -> None:
    file = tmp_path / "job.yaml"
    file.write_text(text or "")
    rendered = Rendered(
        name="mlyard-1", run_id="abc", image="team/mlyard:1", command=["python", "-m", "mlyard", "run-task"],
        variables={"TASK": "{}"}, secret="login",
    )  # fmt: skip
    job = render(read_template(str(file) if text else None), rendered)
    kubernetes_validate.validate(job, SCHEMA, strict=True)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert (container["image"], container["command"][-1], "args" in container) == ("team/mlyard:1", "run-task", False)
    assert {"name": "TASK", "value": "{}"} in container["env"]
    assert container["envFrom"] == [{"secretRef": {"name": "login"}}]
    assert job["metadata"]["labels"]["mlyard/run-id"] == "abc"


def test_a_template_keeps_what_the_cluster_needs(place: Place, repository: str, tmp_path: Path) -> None:
    file = tmp_path / "job.yaml"
    file.write_text(TEMPLATE)
    done = place.run(repository, "-P", "text=a", config={"kube-job-template-path": str(file)})
    assert done.returncode == 0, done.stderr
    (job,) = cluster_of(place).created
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert container["resources"] == yaml.safe_load(TEMPLATE)["spec"]["template"]["spec"]["containers"][0]["resources"]
    assert {"name": "KEPT", "value": "1"} in container["env"]
    assert (job["spec"]["backoffLimit"], job["metadata"]["labels"]["team"]) == (2, "wine")


def test_a_job_runs_once_unless_the_template_says_otherwise() -> None:
    rendered = Rendered(name="a", run_id="b", image="c", command=["d"], variables={})
    assert render(read_template(None), rendered)["spec"]["backoffLimit"] == 0


def test_an_image_that_is_not_there_ends_the_run_and_removes_the_job(place: Place, repository: str) -> None:
    done = place.run(repository, "-P", "text=a", config={"image": "missing/image:1"})
    assert done.returncode == 1
    run = run_of(done.stderr)
    assert run.info.status == "FAILED"
    assert "cannot start: ImagePullBackOff: no such image." in run.data.tags[FAILURE]
    assert cluster_of(place).items("Job", "mlyard/run-id=" + run.info.run_id) == []


def test_a_pod_that_kubernetes_ends_fails_the_run(place: Place, repository: str, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = place.command(repository, "-e", "waiting", "-P", f"ready={ready}")
    with subprocess.Popen(command, env=place.environment, stderr=subprocess.PIPE, text=True) as process:
        until(ready.exists)
        (name,) = cluster_of(place).jobs
        cluster_of(place).evict(name)
        _, errors = process.communicate()
    assert (
        run_of(errors)
        .data.tags[FAILURE]
        .startswith(f"Kubernetes ended the job {name}: Evicted: The node was low on memory")
    )


def test_a_job_that_somebody_deletes_is_noticed(place: Place, repository: str, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = place.command(repository, "-e", "waiting", "-P", f"ready={ready}")
    with subprocess.Popen(command, env=place.environment, stderr=subprocess.PIPE, text=True) as process:
        until(ready.exists)
        (name,) = cluster_of(place).jobs
        cluster_of(place).delete(name)
        _, errors = process.communicate()
    assert process.returncode == 1
    assert run_of(errors).info.status == "KILLED"


REFUSED = [
    ({"tracking-uri": None}, {}, "can only be reached from this machine"),
    ({"tracking-uri": None}, {"MLYARD_TRACKING_URI": "sqlite:///runs.db"}, "can only be reached from this machine"),
    ({"tracking-uri": "postgresql://u:hidden@host/db"}, {}, "contains a password"),
    ({"image": None}, {}, "The Job has no image"),
    ({"kube-job-template-path": "no.yaml"}, {}, "The template of the Job 'no.yaml' cannot be read"),
    ({"repository-uri": "registry.example.com/wine"}, {}, "needs a project with a docker_env"),
]


@pytest.mark.parametrize(("config", "variables", "message"), REFUSED)
def test_what_cannot_work_is_refused_before_a_run_exists(
    place: Place, repository: str, config: dict[str, object], variables: dict[str, str], message: str
) -> None:
    done = place.run(repository, "-P", "text=a", config=config, **variables)
    assert done.returncode == 1
    assert message in done.stderr
    assert "hidden" not in done.stderr
    assert cluster_of(place).created == []


def test_a_folder_needs_an_image_that_has_it(place: Place, project: str) -> None:
    done = place.run(project, "-P", "text=a")
    assert done.returncode == 1
    assert f"cannot get the project {project!r}" in done.stderr
    done = place.run(project, "-P", "text=a", config={"project-folder": project})  # pods are processes of this machine
    assert done.returncode == 0, done.stderr


def test_credentials_come_from_a_secret(place: Place, repository: str, server: LiveServer) -> None:
    cluster_of(place).secrets["login"] = {"MLYARD_TRACKING_URI": server.url, "MLYARD_TRACKING_TOKEN": "hidden"}
    config = {"secret": "login", "tracking-uri": "environment"}
    done = place.run(repository, "-P", "text=a", config=config, AWS_SECRET_ACCESS_KEY="hidden-key")
    assert done.returncode == 0, done.stderr
    (job,) = cluster_of(place).created
    assert "hidden" not in str(job)
    assert server.url not in str(job)


DOCKER = f"""#!{sys.executable}
import json, sys
from pathlib import Path
with Path({str(Path("calls"))!r}).open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
"""


def test_a_repository_uri_gets_an_image_with_the_project(place: Place, project: str, tmp_path: Path) -> None:
    """As with MLflow; docker is a stand-in, and the pod's folder is not there, which is the reason of the failure."""
    Path(project, "MLproject").write_text(
        "docker_env: {image: python:3.12-slim}\nentry_points: {main: {command: 'true'}}"
    )
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "docker").write_text(DOCKER)
    (commands / "docker").chmod(0o755)
    path = os.pathsep.join([str(commands), place.environment["PATH"]])
    config = {"repository-uri": "registry.example.com/wine", "image": None}
    done = place.run(project, config=config, PATH=path)
    calls = Path("calls").read_text()
    (job,) = cluster_of(place).created
    image = job["spec"]["template"]["spec"]["containers"][0]["image"]
    assert re.fullmatch(r"registry\.example\.com/wine:[0-9a-f]{32}", image)
    assert f'["push", "{image}"]' in calls
    assert done.returncode == 1
    assert "/mlflow/projects/code" in run_of(done.stderr).data.tags[FAILURE]
