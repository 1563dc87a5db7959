"""The tags of a project's run."""

from __future__ import annotations

from mlyard.client.context import context_tags
from mlyard.domain.runs import TAG_GIT_COMMIT, TAG_SOURCE_NAME, TAG_SOURCE_TYPE
from mlyard.projects.entry_points import EntryPoint
from mlyard.projects.fetch import Source
from mlyard.projects.mlproject import Project

TAG_FAILURE = "mlyard.project.failure"
"""Why the run did not succeed."""

TAG_JOB = "mlyard.project.job"
"""What the backend calls the run's job."""

TAG_BACKEND = "mlflow.project.backend"
TAG_GIT_BRANCH = "mlflow.source.git.branch"
TAG_GIT_REPOSITORY = "mlflow.source.git.repoURL"


def project_tags(source: Source, project: Project, point: EntryPoint, backend: str) -> dict[str, str]:
    """Who runs what: the user, the source with its commit, the entry point, the environment and the backend."""
    context = {name: value for name, value in context_tags().items() if name != TAG_GIT_COMMIT}
    found = {
        **context,
        TAG_SOURCE_NAME: source.name,
        TAG_SOURCE_TYPE: "PROJECT",
        TAG_GIT_COMMIT: source.commit,
        TAG_GIT_BRANCH: source.branch,
        TAG_GIT_REPOSITORY: source.repository,
        "mlflow.project.entryPoint": point.name,
        TAG_BACKEND: backend,
        "mlflow.project.env": project.environment.kind if project.environment else None,
    }
    return {name: value for name, value in found.items() if value}
