"""The backend ``kubernetes``: a Job from a template, submitted by kubectl.

kubectl, and not a Python client, because it has each user's way to log in already.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from mlyard.core.errors import InvalidParameter
from mlyard.domain.runs import FAILED, FINISHED
from mlyard.envs.containers import WORK_FOLDER, pushed_image
from mlyard.envs.environment import LOCAL
from mlyard.projects.address import GIT
from mlyard.projects.backends.config import Waiting, typed
from mlyard.projects.backends.following import Followed, State, call, require
from mlyard.projects.backends.handover import COMMAND, check_tracking, handed_over, tracking_variables
from mlyard.projects.backends.kubernetes_manifest import CONTAINER, JOB_LABEL, Rendered, read_template, render
from mlyard.projects.backends.port import Ending, Job, Task
from mlyard.projects.environment import EnvChoice

# Kubernetes would go on trying for ever.
_HOPELESS = {
    "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError",
}  # fmt: skip


class KubernetesConfig(Waiting, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What can be configured; the first three are MLflow's.

    ``kube_context``: kubectl's. ``kube_job_template_path``: a YAML file with a Job. ``repository_uri``: where to push
    an image with the project in it, built on the image of its ``docker_env``. ``namespace`` and ``image``: the Job's.
    ``project_folder``: where that image has the project. ``secret``: a Secret whose keys become variables.
    """

    kube_context: str | None = None
    kube_job_template_path: str | None = None
    repository_uri: str | None = None
    namespace: str | None = None
    image: str | None = None
    project_folder: str | None = None
    secret: str | None = None


class KubernetesBackend:
    """Runs commands as Jobs of a Kubernetes cluster."""

    def check(self, job: Job, tracking_uri: str) -> None:
        """Raise InvalidParameter for an invalid config or template, and if the Job could not reach what it needs."""
        config = typed(job.config, KubernetesConfig, "kubernetes")
        check_tracking(tracking_uri, config, "kubernetes")
        _check_project(job, config)
        render(read_template(config.kube_job_template_path), _rendered(config, _image(job, config), "mlyard", "", {}))
        require("kubectl")

    def submit(self, task: Task) -> Followed:
        """Build and push an image if the config says so, and create the Job."""
        job = task.job
        config = typed(job.config, KubernetesConfig, "kubernetes")
        image = _image(job, config)
        if config.repository_uri:
            assert image is not None
            image = pushed_image(image, job.project.folder, config.repository_uri, tag=task.run_id)
        variables = {**tracking_variables(task, config), **handed_over(task, *_place(job, config), _environment(job))}
        name = f"mlyard-{task.run_id[:8]}-{secrets.token_hex(4)}"
        rendered = _rendered(config, image, name, task.run_id, variables)
        manifest = render(read_template(config.kube_job_template_path), rendered)
        kubectl = Kubectl(config.kube_context, manifest["metadata"].get("namespace"))
        kubectl("create", "--filename=-", "--output=name", text=json.dumps(manifest))
        return Followed(task, KubernetesJob(kubectl, name), config)


class Kubectl:
    """kubectl for one cluster and namespace."""

    def __init__(self, context: str | None, namespace: str | None) -> None:
        self._options = [f"--context={context}"] if context else []
        self._options += [f"--namespace={namespace}"] if namespace else []

    def __call__(self, *arguments: str, text: str = "") -> str:
        """What a command prints. Raises MlyardError if it fails."""
        return call(["kubectl", *self._options, *arguments], text=text)


class KubernetesJob:
    """A Job, and its pods."""

    def __init__(self, kubectl: Kubectl, name: str) -> None:
        self.id = name
        self._kubectl = kubectl
        self._pod: str | None = None

    def state(self) -> State | None:
        """The state of its newest pod. A Job that can never start is removed."""
        found = json.loads(self._kubectl("get", "job,pod", f"--selector={JOB_LABEL}={self.id}", "--output=json"))
        jobs = [item for item in found["items"] if item["kind"] == "Job"]
        pods = [item for item in found["items"] if item["kind"] == "Pod"]
        if not jobs:
            return None
        pod: dict[str, Any] = max(pods, key=lambda each: str(each["metadata"].get("creationTimestamp")), default={})
        self._pod = pod.get("metadata", {}).get("name")
        return self._ended(jobs[0], pod) or self._waiting(pod)

    def _ended(self, job: Mapping[str, Any], pod: Mapping[str, Any]) -> State | None:
        conditions = {each["type"]: each for each in job.get("status", {}).get("conditions") or () if _holds(each)}
        if "Complete" in conditions:
            return State(text="Complete", has_started=True, ending=Ending(FINISHED), has_own_end=True)
        if "Failed" not in conditions:
            return None
        exited = _container(pod, "terminated")
        if exited.get("reason") == "Error" and not pod["status"].get("reason"):
            reason = f"The job {self.id} failed: its container exited with status {exited.get('exitCode')}."
            return State(text="Failed", has_started=True, ending=Ending(FAILED, reason), has_own_end=True)
        why = [exited, pod.get("status", {}), conditions["Failed"]]
        texts = dict.fromkeys(str(each[key]) for each in why for key in ("reason", "message") if each.get(key))
        ending = Ending(FAILED, f"Kubernetes ended the job {self.id}: {': '.join(texts)}.")
        return State(text="Failed", has_started=True, ending=ending)

    def _waiting(self, pod: Mapping[str, Any]) -> State:
        status = pod.get("status", {})
        waits = _container(pod, "waiting")
        reason = waits.get("reason") or next(
            (each.get("reason") for each in status.get("conditions") or () if each["type"] == "PodScheduled"), None
        )
        phase = str(status.get("phase", "Pending"))
        text = f"{phase} ({reason})" if reason else phase
        if reason in _HOPELESS:
            self.cancel()
            return State(text=text, ending=Ending(FAILED, f"The job {self.id} cannot start: {_said(waits)}."))
        return State(text=text, has_started=phase != "Pending")

    def output(self) -> str:
        """What the project's container has printed."""
        return self._kubectl("logs", self._pod, f"--container={CONTAINER}") if self._pod else ""

    def cancel(self) -> None:
        """Delete the Job. Its pods get SIGTERM first, and it stays until they have ended."""
        self._kubectl("delete", "job", self.id, "--ignore-not-found", "--cascade=foreground", "--wait=false")

    def discard(self) -> None:
        """The Job stays for as long as its ttlSecondsAfterFinished says."""


def _check_project(job: Job, config: KubernetesConfig) -> None:
    if job.environment.docker_args or job.environment.build_image:
        raise InvalidParameter(
            "--docker-args and --build-image do not apply to the backend 'kubernetes': change the template of the Job, "
            "or name a 'repository-uri' in the backend config."
        )
    if config.repository_uri:
        if _docker_image(job) is None:
            raise InvalidParameter(
                "The 'repository-uri' of the backend config needs a project with a docker_env, on whose image the "
                "project's image is built."
            )
    elif config.project_folder is None and not _is_public(job):
        raise InvalidParameter(
            f"A Job of Kubernetes cannot get the project {job.source.name!r}, which is on this machine or needs a "
            "password: name a git repository that the cluster can read; or, in the backend config, a 'repository-uri' "
            "for an image with the project, or the 'project-folder' of an image that has it."
        )


def _is_public(job: Job) -> bool:
    """Whether the project is at an address of another machine, and needs nothing that only the caller knows."""
    address = job.address
    if address.kind == GIT:
        return not address.url.startswith("file:") and address.credentials is None
    return address.url.startswith(("http://", "https://")) and address.credentials is None and not address.query


def _place(job: Job, config: KubernetesConfig) -> tuple[str, str | None]:
    """Where the container finds the project."""
    if config.repository_uri:
        return WORK_FOLDER, None
    return (config.project_folder, None) if config.project_folder else (job.source.name, job.source.commit)


def _environment(job: Job) -> EnvChoice:
    """The pod is the container of a docker_env."""
    return EnvChoice(manager=LOCAL) if job.environment.uses_docker(job.project) else job.environment


def _docker_image(job: Job) -> str | None:
    named = job.project.environment
    return named.docker.image if named and named.docker else None


def _image(job: Job, config: KubernetesConfig) -> str | None:
    return config.image or _docker_image(job)


def _rendered(
    config: KubernetesConfig, image: str | None, name: str, run_id: str, variables: Mapping[str, str]
) -> Rendered:
    command = [config.python or "python", *COMMAND]
    return Rendered(
        name=name, run_id=run_id, namespace=config.namespace, image=image, secret=config.secret, command=command,
        variables=variables,
    )  # fmt: skip


def _holds(condition: Mapping[str, Any]) -> bool:
    return condition.get("status") == "True"


def _container(pod: Mapping[str, Any], state: str) -> dict[str, Any]:
    """The state of the project's container, if it is in this state."""
    for each in pod.get("status", {}).get("containerStatuses") or ():
        if each.get("name") == CONTAINER:
            return dict((each.get("state") or {}).get(state) or {})
    return {}


def _said(state: Mapping[str, Any]) -> str:
    return ": ".join(str(state[key]) for key in ("reason", "message") if state.get(key))
