"""What every flavor's ``save_model`` and ``log_model`` take, in one typed place.

A flavor names only the parameters of its own and takes the rest as ``**options: Unpack[SaveOptions]``
or ``**options: Unpack[LogOptions]`` (``Unpack`` from ``typing_extensions``, under TYPE_CHECKING).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from mlyard.models.format.metadata import MLmodel
    from mlyard.models.signature import ModelSignature


class SaveOptions(TypedDict, total=False):
    """Options of ``save_model``. At most one of the three kinds of requirements may be given."""

    signature: ModelSignature | Literal[False] | None
    """The schemas of inputs, outputs and params; False: none, also where one could be inferred."""
    input_example: Any
    """A valid input: kept beside the model, and the signature is inferred from it when none is given."""
    pip_requirements: Sequence[str] | str | Path | None
    """Requirements, or the path of a file of them; lines ``-r FILE`` and ``-c FILE`` are followed."""
    extra_pip_requirements: Sequence[str] | str | Path | None
    """Requirements besides those that are inferred."""
    conda_env: Mapping[str, Any] | str | Path | None
    """A conda environment, or the path of a YAML file of one."""
    code_paths: Sequence[str | Path] | str | Path | None
    """Files and folders that are copied to ``code/``, which is on the path of imports when the model is loaded."""
    extra_files: Sequence[str | Path] | None
    """Files, by path or URI, that are copied to ``extra_files/``."""
    metadata: Mapping[str, Any] | None
    """Whatever the user wants to keep in the MLmodel file."""
    resources: Mapping[str, Any] | Sequence[Any] | str | Path | None
    """What the model reaches for when it is served, as MLmodel files hold it; or the path of a YAML file."""
    auth_policy: Any
    prompts: Sequence[Any] | None
    mlflow_model: MLmodel | None
    """An MLmodel to write into, rather than a new one."""
    mlyard_model: MLmodel | None
    """The same."""


class LogOptions(SaveOptions, total=False):
    """Options of ``log_model``: those of ``save_model``, and how the model is logged."""

    name: str | None
    """The model's name, and its place among the run's artifacts; ``artifact_path`` in older scripts."""
    registered_model_name: str | None
    """Register the model as a new version of this one."""
    await_registration_for: float | None
    """Taken for MLflow's sake: a version is ready at once."""
    params: Mapping[str, Any] | None
    """Params of the logged model, besides those of the run."""
    tags: Mapping[str, Any] | None
    model_type: str | None
    step: int
    """The step of training that the model is from."""
    model_id: str | None
    """A logged model that is there already (``mlyard.initialize_logged_model``) and gets its files now."""


_LOGGING = LogOptions.__annotations__.keys() - SaveOptions.__annotations__.keys()


def check_names(given: Collection[str], *, logging: bool = False) -> None:
    """Raises TypeError for an option that there is not, as a call with it does."""
    known = LogOptions.__annotations__ if logging else SaveOptions.__annotations__
    for name in given:
        if name not in known:
            function = "log_model" if logging else "save_model"
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}; it takes {sorted(known)}.")


def split_options(options: LogOptions) -> tuple[LogOptions, SaveOptions]:
    """What is about logging, and what is about saving."""
    logging: Any = {name: value for name, value in options.items() if name in _LOGGING}
    saving: Any = {name: value for name, value in options.items() if name not in _LOGGING}
    return logging, saving
