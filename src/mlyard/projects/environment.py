"""The environment that a project's command runs in.

This is the one place that knows how: ``launch`` turns a project and the choice of an environment into what stands
before the command, and the variables of its process.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.envs.containers import Container, container_command, project_image, removal
from mlyard.envs.environment import LOCAL, check_manager
from mlyard.envs.project import CONDA_ENV, PYTHON_ENV, UV_ENV, Wanted, prepare_project
from mlyard.projects.mlproject import Kind, Project

_FILES: Mapping[Kind, str] = {"conda": CONDA_ENV, "python": PYTHON_ENV, "uv": UV_ENV}
TAG_IMAGE = "mlflow.docker.image.uri"


class EnvChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller says about a project's environment.

    ``manager``: None is uv, or docker, if the project names an environment, otherwise local. ``strict`` refuses
    packages that differ from the description. ``keep_mlflow`` installs MLflow itself. ``docker_args``: options for
    ``docker run``, without dashes; True for one without a value. ``build_image``: put the project into a new image
    instead of mounting its folder.
    """

    manager: str | None = None
    strict: bool = False
    keep_mlflow: bool = False
    docker_args: Mapping[str, str | bool] = {}
    build_image: bool = False

    def uses_docker(self, project: Project) -> bool:
        """Whether commands run in a container."""
        return self.manager is None and project.environment is not None and project.environment.kind == "docker"


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How to start a command.

    ``prefix``: the arguments before it. ``variables``: all variables of its process. ``table``: packages that differ
    from what the project asks for; ``requirements``: the exact versions of all packages; both empty for the current
    environment. ``tags``: what the run records. ``cleanup``: a command to run if the process did not end by itself.
    """

    variables: Mapping[str, str]
    prefix: tuple[str, ...] = ()
    table: str = ""
    requirements: tuple[str, ...] = ()
    tags: Mapping[str, str] = {}
    cleanup: tuple[str, ...] = ()


def check_choice(project: Project, choice: EnvChoice) -> None:
    """Raise InvalidParameter if the choice is not possible for a project."""
    check_manager(choice.manager or LOCAL)
    is_docker = project.environment is not None and project.environment.kind == "docker"
    if is_docker and choice.manager not in (None, LOCAL):
        raise InvalidParameter(
            f"The project names a docker_env, which {choice.manager} cannot make: leave out --env-manager, or use "
            "--env-manager local to run the command in the current environment."
        )
    if (choice.docker_args or choice.build_image) and not choice.uses_docker(project):
        raise InvalidParameter(
            "--docker-args and --build-image need a project with a docker_env, run without --env-manager."
        )
    if (choice.strict or choice.keep_mlflow) and choice.uses_docker(project):
        raise InvalidParameter(
            "--strict-env and --keep-mlflow do not apply to a docker_env: its image decides about the packages."
        )


def launch(
    project: Project,
    choice: EnvChoice,
    variables: Mapping[str, str],
    *,
    run_id: str,
    tracking_uri: str,
    paths: Iterable[str] = (),
    commit: str | None = None,
) -> Launch:
    """Prepare the environment of a project, and say how to start commands in it.

    Args:
        project: The project.
        choice: The environment that the caller wants.
        variables: What the command must know: the tracking server, the run.
        run_id: The run, after which a container is named.
        tracking_uri: Where the run is logged.
        paths: Files and folders outside of the project that the command reads; a container sees them at the same path.
        commit: The project's commit, which becomes the tag of a new image.

    Returns:
        How to start the command.

    Raises:
        InvalidParameter: The environment cannot be made, or a tool for it is missing.
    """
    if choice.uses_docker(project):
        return _container(project, choice, {**os.environ, **variables}, f"mlyard-{run_id}", paths, commit)
    made = prepare_project(
        project.folder, _wanted(project), choice.manager, strict=choice.strict, keep_mlflow=choice.keep_mlflow,
        tracking_uri=tracking_uri, purpose=project.name,
    )  # fmt: skip
    return Launch(variables={**made.variables, **variables}, table=made.table, requirements=made.requirements)


def _wanted(project: Project) -> Wanted | None:
    named = project.environment
    if named is None or named.file is None:
        return None
    return Wanted(kind=_FILES[named.kind], file=project.folder / named.file)


def _container(
    project: Project, choice: EnvChoice, variables: Mapping[str, str], name: str, paths: Iterable[str],
    commit: str | None,
) -> Launch:  # fmt: skip
    docker = project.environment.docker if project.environment else None
    assert docker is not None
    image = project_image(docker.image, project.folder, project.name, commit) if choice.build_image else docker.image
    container = Container(
        name=name, image=image, docker=docker, folder=None if choice.build_image else project.folder,
        paths=tuple(paths), arguments=choice.docker_args,
    )  # fmt: skip
    return Launch(
        variables=variables,
        prefix=tuple(container_command(container, variables)),
        tags={TAG_IMAGE: image},
        cleanup=tuple(removal(name)),
    )
