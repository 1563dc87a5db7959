"""Changes the signature and the requirements of models that are already saved or logged."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from mlyard.artifacts import manifest
from mlyard.artifacts.factory import artifact_store, local_folder
from mlyard.artifacts.manifest import recorder_of
from mlyard.artifacts.transfer import upload
from mlyard.client.backends import open_backend
from mlyard.client.tracking import get_registry_uri, get_tracking_uri
from mlyard.client.uris import download, locate
from mlyard.core.errors import InvalidParameter
from mlyard.core.requirement_lines import distribution_name
from mlyard.domain.uris import is_model_uri, join, parse_model_uri
from mlyard.models.format import integrity
from mlyard.models.format.metadata import FILE, read_mlmodel
from mlyard.models.format.requirements import (
    CONDA_FILE,
    REQUIREMENTS_FILE,
    change_requirements,
    merged,
)
from mlyard.models.signature import ModelSignature
from mlyard.transport.session import Session

__all__ = ["set_signature", "update_model_requirements"]


def set_signature(model_uri: str | Path, signature: ModelSignature) -> None:
    """Set or replace the signature of a saved or logged model.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>`` or ``models:/<model ID>``.
        signature: The new signature.

    Raises:
        InvalidParameter: ``signature`` is not a ModelSignature, or ``model_uri`` is a version of a registered model;
            versions cannot be changed.
        DoesNotExist: There is no model at ``model_uri``.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.sklearn.save_model(model, "unsigned")
        >>> mlyard.models.set_signature("unsigned", mlyard.models.infer_signature([0.5], [0.5]))
        >>> mlyard.models.get_model_info("unsigned").signature.inputs
        [double (required)]
    """
    if not isinstance(signature, ModelSignature):
        raise InvalidParameter(f"'signature' must be a ModelSignature, not a {type(signature).__name__}.")

    def change(folder: Path) -> None:
        model = read_mlmodel(folder)
        model.signature = signature
        model.save(folder)

    _change(model_uri, (FILE,), change)


def update_model_requirements(model_uri: str | Path, operation: str, requirement_list: Sequence[str]) -> None:
    """Add requirements to a saved or logged model, or remove them.

    Both ``requirements.txt`` and ``conda.yaml`` are rewritten.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>`` or ``models:/<model ID>``.
        operation: ``"add"`` or ``"remove"``. Adding replaces the requirement for the same package, if there is one.
        requirement_list: Requirements such as ``"pandas==2.2.3"``; when removing, only their names matter.

    Raises:
        InvalidParameter: The operation is unknown, ``requirement_list`` is a string, or ``model_uri`` is a version of
            a registered model; versions cannot be changed.
        DoesNotExist: There is no model at ``model_uri``.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.sklearn.save_model(model, "required", pip_requirements=["scikit-learn"])
        >>> mlyard.models.update_model_requirements("required", "add", ["pandas"])
        >>> with open("required/requirements.txt") as file:
        ...     file.read().split()
        ['scikit-learn', 'pandas']
    """
    if operation not in {"add", "remove"}:
        raise InvalidParameter(f"The operation {operation!r} is not supported: use 'add' or 'remove'.")
    if isinstance(requirement_list, str):
        raise InvalidParameter(f"'requirement_list' must be a list, not {requirement_list!r}.")

    def changed(lines: Sequence[str]) -> list[str]:
        if operation == "add":
            options = [line for line in lines if line.startswith("-")]
            plain = [line for line in lines if not line.startswith("-")]
            return [*merged(plain, requirement_list), *options]
        gone = {distribution_name(requirement) for requirement in requirement_list} - {""}
        return [line for line in lines if distribution_name(line) not in gone]

    _change(model_uri, (REQUIREMENTS_FILE, CONDA_FILE), lambda folder: change_requirements(folder, changed))


def _change(model_uri: str | Path, names: Sequence[str], change: Callable[[Path], None]) -> None:
    """Download the files, change them, upload them again, and update their checksums in the manifest."""
    uri = str(model_uri)
    if is_model_uri(uri) and not parse_model_uri(uri).model_id:
        raise InvalidParameter(
            f"{uri!r} is a version of a registered model, and versions cannot be changed. Change the model that the "
            "version was made from (models:/m-… or runs:/…) and register it again."
        )
    tracking, registry = open_backend(get_tracking_uri()), open_backend(get_registry_uri())
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        folder = Path(temporary)
        for name in names:
            (folder / name).write_bytes(download(f"{uri.rstrip('/')}/{name}", tracking, registry).read_bytes())
        change(folder)
        session = tracking.session or registry.session
        root, path = _with_manifest(*locate(uri, tracking, registry), session)
        if root is None:
            for name in names:
                (Path(path) / name).write_bytes((folder / name).read_bytes())
        else:
            upload(artifact_store(root, session), folder, path, recorder_of(root))


def _with_manifest(root: str, path: str, session: Session | None) -> tuple[str | None, str]:
    """The root that contains a manifest, and the model's path below it.

    A local folder without a manifest returns None and its own path.
    """
    folder = local_folder(root)
    if folder is None:
        return (join(root, path), "") if path and manifest.read(artifact_store(root, session), path) else (root, path)
    whole = (folder / path).resolve()
    kept = integrity.root_of(whole)
    if kept is None:
        return None, str(whole)
    inner = whole.relative_to(kept).as_posix()
    return str(kept), "" if inner == "." else inner
