"""The options that ``save_model`` and ``log_model`` of every flavor share: their types and their documentation.

A flavor names only its own parameters and takes the others as ``**options: Unpack[SaveOptions]`` or
``**options: Unpack[LogOptions]`` (``Unpack`` from ``typing_extensions``, under TYPE_CHECKING). The decorators
``document_save_options`` and ``document_log_options`` append the shared options to the function's docstring, where
``help()`` and documentation generators that import the module find them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar

if TYPE_CHECKING:
    from mlyard.models.format.metadata import MLmodel
    from mlyard.models.signature import ModelSignature

Function = TypeVar("Function", bound=Callable[..., Any])


class SaveOptions(TypedDict, total=False):
    """Options of ``save_model``. At most one of the three kinds of requirements may be given."""

    signature: ModelSignature | Literal[False] | None
    """The schemas of inputs, outputs and params; False saves none even if one could be inferred."""
    input_example: Any
    """A valid input, saved with the model; the signature is inferred from it if none is given."""
    pip_requirements: Sequence[str] | str | Path | None
    """Requirements, or the path of a requirements file; the files in ``-r`` and ``-c`` lines are read too."""
    extra_pip_requirements: Sequence[str] | str | Path | None
    """Requirements in addition to the inferred ones."""
    conda_env: Mapping[str, Any] | str | Path | None
    """A conda environment, or the path of its YAML file."""
    code_paths: Sequence[str | Path] | str | Path | None
    """Files and folders to copy to ``code/``, which is on ``sys.path`` when the model is loaded."""
    extra_files: Sequence[str | Path] | None
    """Paths or URIs of files to copy to ``extra_files/``."""
    metadata: Mapping[str, Any] | None
    """Arbitrary metadata to keep in the MLmodel file."""
    resources: Mapping[str, Any] | Sequence[Any] | str | Path | None
    """The resources that the served model uses, in the form of MLmodel files; or the path of a YAML file."""
    auth_policy: Any
    prompts: Sequence[Any] | None
    mlflow_model: MLmodel | None
    """An existing MLmodel object to fill instead of a new one."""
    mlyard_model: MLmodel | None
    """Like ``mlflow_model``, and preferred to it."""


class LogOptions(SaveOptions, total=False):
    """Options of ``log_model``: those of ``save_model``, and those about logging."""

    name: str | None
    """The model's name, and its path among the run's artifacts. Preferred to ``artifact_path``, the older name."""
    registered_model_name: str | None
    """The registered model of which the logged model becomes a new version."""
    await_registration_for: float | None
    """Accepted for compatibility with MLflow, and ignored: versions are ready at once."""
    params: Mapping[str, Any] | None
    """Params of the logged model, in addition to those of the run."""
    tags: Mapping[str, Any] | None
    model_type: str | None
    step: int
    """The training step at which the model was logged."""
    model_id: str | None
    """An existing logged model (from ``mlyard.initialize_logged_model``) that receives the files."""


_LOGGING = LogOptions.__annotations__.keys() - SaveOptions.__annotations__.keys()
_SAVE_DOCUMENTATION = """\
    signature: The ``ModelSignature``. Default: inferred from the type hints of a Python model, or from
        ``input_example``. False saves no signature.
    input_example: A valid input, saved with the model: a data frame, an array, a list, a dict, or a tuple
        ``(data, params)``. Default: None.
    pip_requirements: All requirements of the model, as a list of lines or the path of a requirements file. Default:
        found by inspecting the model.
    extra_pip_requirements: Requirements in addition to the inferred ones, in the same forms. Default: None.
    conda_env: The model's conda environment, as a dict or the path of a YAML file. Default: made from the
        requirements. Only one of ``pip_requirements``, ``extra_pip_requirements`` and ``conda_env`` may be given.
    code_paths: A list of files and folders to copy into the model. They can be imported when it is loaded.
        Default: None.
    extra_files: Paths or URIs of files to copy to ``extra_files/`` in the model. Default: None. Models that have only
        the python_function flavor ignore it.
    metadata: A dict to keep in the MLmodel file. Default: None.
    resources: The resources that the served model uses, as a dict, a list of MLflow's resource objects, or the path
        of a YAML file. Only recorded. Default: None.
    auth_policy: An authentication policy to record in the MLmodel file. Default: None.
    prompts: The prompts that the model uses, or their URIs, to record in the MLmodel file. Default: None.
    mlflow_model: An ``MLmodel`` object to fill. Default: a new one.
    mlyard_model: Like ``mlflow_model``, and preferred to it. Default: None."""
_LOG_DOCUMENTATION = """\
    name: The model's name, and its path among the artifacts of the run. Default: ``artifact_path``, or ``"model"``.
    registered_model_name: The registered model of which the logged model becomes a new version. It is created if it
        does not exist. Default: None, do not register.
    await_registration_for: Accepted for compatibility with MLflow, and ignored: versions are ready at once.
    params: Params of the logged model, in addition to those of the run. Default: None.
    tags: Tags of the logged model. Default: None.
    model_type: The type of the logged model, a free text. Default: None.
    step: The training step at which the model was logged. Default: 0.
    model_id: The ID of an existing logged model (from ``mlyard.initialize_logged_model``) that receives the files.
        Default: None, create one."""


def document_save_options(function: Function) -> Function:
    """Append the options of ``save_model`` to the docstring of a function."""
    return _document(function, _SAVE_DOCUMENTATION)


def document_log_options(function: Function) -> Function:
    """Append the options of ``log_model`` to the docstring of a function."""
    return _document(function, f"{_LOG_DOCUMENTATION}\n{_SAVE_DOCUMENTATION}")


def _document(function: Function, options: str) -> Function:
    if function.__doc__:  # python -OO removes docstrings
        function.__doc__ = f"{inspect.cleandoc(function.__doc__)}\n\nKeyword Args:\n{options}\n"
    return function


def check_names(given: Collection[str], *, logging: bool = False) -> None:
    """Raises TypeError for an unknown option, like a call with an unexpected keyword argument."""
    known = LogOptions.__annotations__ if logging else SaveOptions.__annotations__
    for name in given:
        if name not in known:
            function = "log_model" if logging else "save_model"
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}; it takes {sorted(known)}.")


def split_options(options: LogOptions) -> tuple[LogOptions, SaveOptions]:
    """Split the options into those about logging and those about saving."""
    logging: Any = {name: value for name, value in options.items() if name in _LOGGING}
    saving: Any = {name: value for name, value in options.items() if name not in _LOGGING}
    return logging, saving
