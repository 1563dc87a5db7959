"""Where the contract of backends is tested: each place has what its backend needs, on this machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

import mlyard
from tests.conftest import ROOT, clean_environment, end, fetch, free_port, until
from tests.system.projects.backends.kubernetes_stand_in import Cluster, kubernetes

HERE = Path(__file__).parent
POLL = {"poll-seconds": 0.2}


@dataclass
class Place:
    """A backend, its config, and how to start programs that use it."""

    backend: str
    config: dict[str, Any]
    environment: dict[str, str]
    python: str = sys.executable
    cluster: Cluster | None = None
    states: Path | None = None

    def command(self, uri: str, *options: str, config: Mapping[str, Any] | None = None) -> list[str]:
        """The command line that runs a project here."""
        whole = json.dumps({**self.config, **(config or {})})
        backend = ["--backend", self.backend, *(["--backend-config", whole] if whole != "{}" else [])]
        return [self.python, "-m", "mlyard", "run", uri, *backend, *options]

    def run(
        self, uri: str, *options: str, config: Mapping[str, Any] | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a project here, and wait for it."""
        return self.started(self.command(uri, *options, config=config), **variables)

    def started(self, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command, and wait for it."""
        environment = self.environment | variables
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def run_of(errors: str) -> mlyard.entities.Run:
    """The run that a command's messages name."""
    found = re.search(r"[Rr]un (\w{32})", errors)
    assert found, errors
    return mlyard.get_run(found[1])


@contextmanager
def local(folder: Path, server: str) -> Iterator[Place]:
    yield Place("local", {}, clean_environment(MLYARD_TRACKING_URI=server))


@contextmanager
def slurm(folder: Path, server: str) -> Iterator[Place]:
    """The stand-in for Slurm's commands."""
    commands, states = folder / "bin", folder / "states"
    commands.mkdir()
    states.mkdir()
    for name in ("sbatch", "squeue", "sacct", "scancel"):
        (commands / name).write_text(f"#!{sys.executable}\n{(HERE / 'slurm_stand_in.py').read_text()}")
        (commands / name).chmod(0o755)
    path = os.pathsep.join([str(commands), os.environ["PATH"]])
    environment = clean_environment(MLYARD_TRACKING_URI=server, PATH=path, STAND_IN_SLURM=str(states), HOME=str(folder))
    yield Place("slurm", POLL, environment, states=states)


@contextmanager
def real_slurm(folder: Path, server: str) -> Iterator[Place]:
    """Slurm itself: a cluster of this machine alone, whose daemons run as long as the tests."""
    name = subprocess.run(["hostname", "-s"], capture_output=True, text=True, check=True).stdout.strip()
    config = folder / "slurm.conf"
    config.write_text(
        f"ClusterName=test\nSlurmctldHost={name}(127.0.0.1)\nSlurmctldPort={free_port()}\nSlurmdPort={free_port()}\n"
        "AuthType=auth/none\nCredType=cred/none\nSlurmUser=root\nSlurmdUser=root\n"
        f"StateSaveLocation={folder}/state\nSlurmdSpoolDir={folder}/spool\n"
        f"SlurmctldPidFile={folder}/ctld.pid\nSlurmdPidFile={folder}/d.pid\n"
        f"SlurmctldLogFile={folder}/ctld.log\nSlurmdLogFile={folder}/d.log\n"
        "ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nMpiDefault=none\nReturnToService=2\n"
        "SelectType=select/cons_tres\nSelectTypeParameters=CR_Core\nKillWait=5\n"
        f"NodeName={name} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory=1000 State=UNKNOWN\n"
        "PartitionName=debug Nodes=ALL Default=YES State=UP OverSubscribe=FORCE:8\n"
    )
    for part in ("state", "spool"):
        (folder / part).mkdir()
    environment = clean_environment(MLYARD_TRACKING_URI=server, SLURM_CONF=str(config), HOME=str(folder))
    with (folder / "daemons.log").open("wb") as log:
        daemons = [
            subprocess.Popen([daemon, "-D"], env=environment, stdout=log, stderr=log)
            for daemon in ("slurmctld", "slurmd")
        ]
    try:
        until(lambda: "idle" in _printed(["sinfo", "--noheader"], environment))
        yield Place("slurm", POLL, environment)
    finally:
        for daemon in reversed(daemons):
            end(daemon)


@contextmanager
def on_kubernetes(folder: Path, server: str) -> Iterator[Place]:
    """The real kubectl, and a stand-in for a cluster."""
    with kubernetes(folder) as (cluster, variables):
        config = POLL | {
            "kube-context": "here",
            "image": "registry.example.com/team/mlyard:1",
            "python": sys.executable,
            "tracking-uri": server,
        }
        environment = clean_environment(MLYARD_TRACKING_URI=server, **variables)
        yield Place("kubernetes", config, environment, cluster=cluster)


@contextmanager
def on_ray(folder: Path, server: str) -> Iterator[Place]:
    """A Ray cluster of this machine, in the environment of `tools/engines`."""
    python = Path(os.environ.get("TEST_ENGINES_PYTHON", ROOT / ".cache/engines/bin/python"))
    assert python.exists(), f"{python} is missing: run tools/engines"
    dashboard, link = free_port(), Path("/tmp", f"ray-{os.getpid()}")
    link.symlink_to(folder)  # the paths of Ray's sockets must be short
    environment = clean_environment(
        MLYARD_TRACKING_URI=server,
        PYTHONWARNINGS="ignore",
        RAY_API_SERVER_ADDRESS=f"http://127.0.0.1:{dashboard}",
        RAY_USAGE_STATS_ENABLED="0",
    )
    command = [
        str(python.with_name("ray")), "start", "--head", "--block", f"--port={free_port()}", "--num-cpus=2",
        f"--dashboard-port={dashboard}", f"--ray-client-server-port={free_port()}", "--dashboard-agent-listen-port=0",
        "--min-worker-port=0", "--max-worker-port=0", "--node-ip-address=127.0.0.1", "--dashboard-host=127.0.0.1",
        f"--temp-dir={link}",
    ]  # fmt: skip
    with (folder / "ray.log").open("wb") as log:
        head = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: head.poll() is not None or _answers(f"http://127.0.0.1:{dashboard}/api/jobs/"))
        assert head.poll() is None, (folder / "ray.log").read_text()
        yield Place("ray", POLL | {"python": str(python)}, environment, str(python))
    finally:
        end(head)
        link.unlink()


def _answers(url: str) -> bool:
    with suppress(urllib3.exceptions.HTTPError):
        return fetch("GET", url, retries=False).status == 200
    return False


PLUGIN = """
import os, signal, subprocess, sys
from mlyard import MlflowClient
from mlyard.projects.backends.local import LocalBackend

class Submitted:
    def __init__(self, run_id, client, process):
        self.run_id, self.client, self.process = run_id, client, process

    def wait(self):
        return self.process.wait() == 0

    def get_status(self):
        return self.client.get_run(self.run_id).info.status

    def cancel(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

class TheirBackend:
    def run(self, project_uri, entry_point, params, version, backend_config, tracking_uri, experiment_id):
        assert backend_config["SYNCHRONOUS"] is False and backend_config["room"] == 7
        client = MlflowClient(tracking_uri)
        run_id = client.create_run(experiment_id).info.run_id
        command = [sys.executable, "-m", "mlyard", "run", project_uri, "-e", entry_point, "--run-id", run_id]
        command += ["--version", version] if version else []
        command += [part for pair in params.items() for part in ("-P", "=".join(pair))]
        return Submitted(run_id, client, subprocess.Popen(command))

class Own(LocalBackend):
    def check(self, job, tracking_uri):
        assert job.config == {"room": 7} and tracking_uri.startswith("http://")

class Ended:
    def __init__(self, run_id):
        self.run_id = run_id

    def wait(self):
        return True

    def cancel(self):
        pass

class Lost(Ended):
    def wait(self):
        raise RuntimeError("no answer")

class Losing:
    def run(self, *arguments):
        return Lost(MlflowClient(arguments[5]).create_run(arguments[6]).info.run_id)

class Plain:
    def run(self, project_uri, entry_point, params, version, backend_config, tracking_uri, experiment_id):
        return Ended(MlflowClient(tracking_uri).create_run(experiment_id).info.run_id)

def returns_nothing():
    return type("Backend", (), {"run": lambda self, *arguments: None})()

def fails():
    return type("Backend", (), {"run": lambda self, *arguments: 1 / 0})()
"""
ENTRY_POINTS = """
[mlflow.project_backend]
theirs = their_backend:TheirBackend
plain = their_backend:Plain
losing = their_backend:Losing
nothing = their_backend:returns_nothing
failing = their_backend:fails
slurm = their_backend:fails
broken = their_backend:missing

[mlyard.project_backends]
own = their_backend:Own
local = their_backend:missing
"""


@contextmanager
def plugin(folder: Path, server: str) -> Iterator[Place]:
    """A package with a backend that was written for MLflow."""
    (folder / "their_backend.py").write_text(PLUGIN)
    about = folder / "their_backend-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: their-backend\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(ENTRY_POINTS)
    yield Place("theirs", {"room": 7}, clean_environment(MLYARD_TRACKING_URI=server, PYTHONPATH=str(folder)))


def _printed(command: list[str], environment: Mapping[str, str]) -> str:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
