"""A stand-in for a Kubernetes cluster: the API that kubectl uses for Jobs. Each pod is a process of this machine.

A Job that the official schema refuses is refused. A pod gets the variables of its manifest and of its Secrets, and no
others. An image whose name starts with ``missing`` cannot be pulled.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import kubernetes_validate

from tests.leftovers import MARK

JOBS, PODS = "/apis/batch/v1/namespaces/team/jobs", "/api/v1/namespaces/team/pods"
SCHEMA = "1.34.0"
RESOURCES: dict[str, Any] = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {
        "kind": "APIGroupList",
        "groups": [
            {
                "name": "batch",
                "versions": [{"groupVersion": "batch/v1", "version": "v1"}],
                "preferredVersion": {"groupVersion": "batch/v1", "version": "v1"},
            }
        ],
    },
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["get", "list"]},
            {"name": "pods/log", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]},
        ],
    },
    "/apis/batch/v1": {
        "kind": "APIResourceList",
        "groupVersion": "batch/v1",
        "resources": [
            {
                "name": "jobs",
                "singularName": "job",
                "namespaced": True,
                "kind": "Job",
                "verbs": ["create", "delete", "get", "list"],
            }
        ],
    },
}

# kubectl asks whether the server checks the fields of a Job; otherwise it would want the whole schema.
VALIDATES = {
    "x-kubernetes-group-version-kind": {"group": "batch", "version": "v1", "kind": "Job"},
    "parameters": [{"name": "fieldValidation", "in": "query"}],
    "responses": {},
}
RESOURCES |= {
    "/openapi/v3": {"paths": {"apis/batch/v1": {"serverRelativeURL": "/openapi/v3/apis/batch/v1"}}},
    "/openapi/v3/apis/batch/v1": {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1"},
        "paths": {f"{JOBS}/{{name}}": {"patch": VALIDATES}},
    },
}


class Cluster:
    """The Jobs of the cluster by name, as they were created, and its Secrets. ``conditions``: how Jobs failed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jobs: dict[str, dict[str, Any]] = {}
        self.created: list[dict[str, Any]] = []
        self.secrets: dict[str, dict[str, str]] = {}
        self.evicted: set[str] = set()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.deleting: set[str] = set()

    def create(self, job: dict[str, Any]) -> dict[str, Any]:
        kubernetes_validate.validate(job, SCHEMA, strict=True)
        name = job["metadata"]["name"]
        self.created.append(job)
        self.jobs[name] = job
        container = job["spec"]["template"]["spec"]["containers"][0]
        if not container["image"].startswith("missing"):
            self.processes[name] = self._started(name, container)
        return job

    def _started(self, name: str, container: dict[str, Any]) -> subprocess.Popen[bytes]:
        secrets = [self.secrets[each["secretRef"]["name"]] for each in container.get("envFrom", ())]
        variables = {key: value for secret in secrets for key, value in secret.items()}
        variables |= {each["name"]: _expanded(each["value"]) for each in container["env"]}
        home = tempfile.mkdtemp(dir=self.folder)
        machine = {"PATH": os.environ["PATH"], "HOME": home, MARK: os.environ[MARK], "TMPDIR": home}
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                container["command"], env=machine | variables, cwd=home, stdout=log, stderr=log, start_new_session=True
            )

    def delete(self, name: str) -> None:
        self.deleting.add(name)
        if name in self.processes:
            self.processes[name].send_signal(signal.SIGTERM)

    def evict(self, name: str) -> None:
        """The node is lost: the pod cannot record its end."""
        self.evicted.add(name)
        self.processes[name].kill()

    def items(self, kind: str, selector: str) -> list[dict[str, Any]]:
        for name in list(self.deleting):
            if name not in self.processes or self.processes[name].poll() is not None:
                self.jobs.pop(name, None)
        label, _, value = selector.partition("=")
        found = [job for job in self.jobs.values() if job["metadata"]["labels"].get(label) == value]
        return [self.job(job) if kind == "Job" else self.pod(job) for job in found]

    def job(self, job: dict[str, Any]) -> dict[str, Any]:
        name = job["metadata"]["name"]
        code = self.processes[name].poll() if name in self.processes else None
        if name in self.evicted:
            failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "It has failed"}
            return job | {"status": {"conditions": [failed]}}
        kind = "Complete" if code == 0 else "Failed"
        return job | {"status": {} if code is None else {"conditions": [{"type": kind, "status": "True"}]}}

    def pod(self, job: dict[str, Any]) -> dict[str, Any]:
        name = job["metadata"]["name"]
        state: dict[str, Any] = {"running": {}}
        phase, reason = "Running", {}
        if name not in self.processes:
            state, phase = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}, "Pending"
        elif name in self.evicted:
            phase, reason = "Failed", {"reason": "Evicted", "message": "The node was low on memory"}
        elif (code := self.processes[name].poll()) is not None:
            state = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed"}}
            phase = "Failed" if code else "Succeeded"
        container = job["spec"]["template"]["spec"]["containers"][0]["name"]
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"{name}-x1", "namespace": "team", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "status": {"phase": phase, **reason, "containerStatuses": [{"name": container, "state": state}]},
            "spec": {"containers": job["spec"]["template"]["spec"]["containers"]},
        }


def _expanded(value: str) -> str:
    """Kubernetes replaces $(NAME) in the values of variables; a test would fail if there were something to replace."""
    assert "$(" not in value
    return value


class _Api(BaseHTTPRequestHandler):
    cluster: Cluster

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path in RESOURCES:
            self._answer(RESOURCES[url.path])
        elif url.path.endswith("/log"):
            name = url.path.split("/")[-2].removesuffix("-x1")
            self._send(200, (self.cluster.folder / f"{name}.log").read_bytes(), "text/plain")
        elif url.path in (JOBS, PODS):
            kind, version = ("Job", "batch/v1") if url.path == JOBS else ("Pod", "v1")
            items = self.cluster.items(kind, query.get("labelSelector", ""))
            self._answer({"apiVersion": version, "kind": f"{kind}List", "metadata": {}, "items": items})
        elif url.path.startswith(f"{PODS}/"):
            name = url.path.rpartition("/")[2].removesuffix("-x1")
            self._answer(self.cluster.pod(self.cluster.jobs[name]))
        elif url.path.startswith(f"{JOBS}/") and (job := self.cluster.jobs.get(url.path.rpartition("/")[2])):
            self._answer(job)
        else:
            self._refuse(404, "NotFound", f"There is no {url.path}")

    def do_POST(self) -> None:
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            self._answer(self.cluster.create(job), 201)
        except kubernetes_validate.ValidationError as error:
            self._refuse(422, "Invalid", str(error.message))

    def do_DELETE(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = urlsplit(self.path).path.rpartition("/")[2]
        if name not in self.cluster.jobs:
            self._refuse(404, "NotFound", f"jobs {name} not found")
            return
        self.cluster.delete(name)
        self._answer({"apiVersion": "v1", "kind": "Status", "status": "Success"})

    def _refuse(self, status: int, reason: str, message: str) -> None:
        refusal = {"status": "Failure", "reason": reason, "message": message, "code": status}
        self._answer({"apiVersion": "v1", "kind": "Status", **refusal}, status)

    def _answer(self, content: dict[str, Any], status: int = 200) -> None:
        self._send(status, json.dumps(content).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def kubernetes(folder: Path) -> Iterator[tuple[Cluster, dict[str, str]]]:
    """A cluster, and the variables with which the real kubectl finds it."""
    cluster = Cluster(folder)
    api = type("Api", (_Api,), {"cluster": cluster})
    server = ThreadingHTTPServer(("127.0.0.1", 0), api)
    config = folder / "kubeconfig"
    config.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
                "users": [{"name": "u", "user": {}}],
                "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "team"}}],
            }
        )
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        yield cluster, {"KUBECONFIG": str(config), "HOME": str(folder), "PATH": path}
    finally:
        for process in cluster.processes.values():
            process.kill()
            process.wait()
        server.shutdown()
        server.server_close()
