"""The manifest of a Job: a template, with the image, the command and the variables of a run put in."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import yaml

from mlyard.core.errors import InvalidParameter
from mlyard.core.yaml_files import read_mapping

CONTAINER = "project"
JOB_LABEL, RUN_LABEL = "mlyard/job", "mlyard/run-id"
_TEMPLATE = """
apiVersion: batch/v1
kind: Job
metadata: {}
spec:
  ttlSecondsAfterFinished: 86400
  template:
    spec:
      restartPolicy: Never
      containers: [{}]
"""


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """What a run puts into the template.

    ``image`` and ``namespace``: None keeps the template's. ``secret``: a Secret whose keys become variables.
    """

    name: str
    run_id: str
    image: str | None
    command: Sequence[str]
    variables: Mapping[str, str]
    namespace: str | None = None
    secret: str | None = None


def read_template(path: str | None) -> dict[str, Any]:
    """A template, or mlyard's own. Raises InvalidParameter if it is not a Job."""
    found = read_mapping(path, "template of the Job") if path else yaml.safe_load(_TEMPLATE)
    try:
        is_job = found["kind"] == "Job" and isinstance(found["spec"]["template"]["spec"]["containers"][0], dict)
    except (TypeError, KeyError, IndexError):
        is_job = False
    if not is_job:
        raise InvalidParameter(f"The template {path!r} must be a Job with one container at least.")
    return dict(found)


def render(template: Mapping[str, Any], rendered: Rendered) -> dict[str, Any]:
    """The manifest. A Job runs once, unless the template says otherwise. Raises InvalidParameter without an image."""
    job = copy.deepcopy(dict(template))
    metadata = job["metadata"] = dict(job.get("metadata") or {})
    metadata["name"] = rendered.name
    if rendered.namespace:
        metadata["namespace"] = rendered.namespace
    spec = job["spec"]
    spec.setdefault("backoffLimit", 0)
    pod = spec["template"]
    pod["metadata"] = dict(pod.get("metadata") or {})
    for place in (metadata, pod["metadata"]):
        place["labels"] = {**(place.get("labels") or {}), JOB_LABEL: rendered.name, RUN_LABEL: rendered.run_id}
    _fill(pod["spec"]["containers"][0], rendered)
    return job


def _fill(container: dict[str, Any], rendered: Rendered) -> None:
    image = rendered.image or container.get("image")
    if not isinstance(image, str) or "{" in image:  # MLflow's templates have a placeholder in braces
        raise InvalidParameter(
            "The Job has no image: name one that has mlyard as 'image' in the backend config, in the template, or in "
            "the project's docker_env."
        )
    container.pop("args", None)
    container |= {"name": CONTAINER, "image": image, "command": list(rendered.command)}
    given = (each for each in container.get("env") or () if isinstance(each, dict))
    kept = [each for each in given if each["name"] not in rendered.variables]
    container["env"] = [*kept, *({"name": name, "value": value} for name, value in rendered.variables.items())]
    if rendered.secret:
        container["envFrom"] = [*(container.get("envFrom") or ()), {"secretRef": {"name": rendered.secret}}]
