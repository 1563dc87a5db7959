"""Saves a model's folder: the part that all flavors share."""

from __future__ import annotations

import platform
import shutil
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.core.yaml_files import read_yaml
from mlyard.models.dependencies import infer_requirements
from mlyard.models.format.bundled_code import copy_code
from mlyard.models.format.flavor import PYTHON_FUNCTION, Flavored, WriteFlavor
from mlyard.models.format.metadata import MLmodel, now_text
from mlyard.models.format.options import SaveOptions, check_names
from mlyard.models.format.requirements import ENV, check_requirements, save_environment
from mlyard.models.load import fetch
from mlyard.models.signature import ModelSignature, infer_signature

EXTRA_FILES = "extra_files"
_log = logger("models")


def save(path: str | Path, write: WriteFlavor, options: SaveOptions) -> MLmodel:
    """Write a model's folder, which must be new or empty. Raises InvalidParameter; after an error nothing is left."""
    check_names(options)
    check_requirements(options)
    folder = Path(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidParameter(f"Path '{folder}' already exists and is not empty")
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return _write(folder, write, options)
    except BaseException:
        shutil.rmtree(folder)
        if not made:
            folder.mkdir()
        raise


def _write(folder: Path, write: WriteFlavor, options: SaveOptions) -> MLmodel:
    model = options.get("mlyard_model") or options.get("mlflow_model") or MLmodel()
    flavored = write(folder)
    code = copy_code(options.get("code_paths"), folder)
    runtime: dict[str, Any] = {"python_version": platform.python_version(), "env": dict(ENV)}
    if code or flavored.entry is None:
        runtime["code"] = code
    model.flavors[PYTHON_FUNCTION] = {**flavored.python_function, **runtime}
    if flavored.entry is not None:
        extra = _copy_extra_files(options.get("extra_files") or (), folder)
        model.flavors[flavored.name] = {**flavored.entry, **extra, "code": code}
    _describe(model, flavored, options, folder)
    model.save(folder)
    save_environment(folder, options, lambda: infer_requirements(folder, flavored.distributions))
    model.model_size_bytes = folder_size(folder)
    model.save(folder)
    return model


def folder_size(folder: Path) -> int:
    """The total size of all files in a folder, in bytes."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _describe(model: MLmodel, flavored: Flavored, options: SaveOptions, folder: Path) -> None:
    model.utc_time_created = now_text()
    model.model_uuid = model.model_uuid or uuid.uuid4().hex
    if options.get("metadata"):
        model.metadata = dict(options["metadata"] or {})
    model.resources = _resources(options.get("resources")) or model.resources
    policy: Any = options.get("auth_policy")
    model.auth_policy = policy.to_dict() if hasattr(policy, "to_dict") else policy or model.auth_policy
    prompts = options.get("prompts")
    model.prompts = [str(getattr(prompt, "uri", prompt)) for prompt in prompts] if prompts else model.prompts
    example = options.get("input_example")
    if example is not None:
        from mlyard.models.format.example import save_example  # it loads pandas

        model.saved_input_example_info = save_example(example, folder)
    given = options.get("signature")
    signature = (flavored.from_hints or model.signature) if given is None else given
    if signature is None and example is not None:
        signature = _signature_of(example, flavored)
    model.signature = signature or None
    if signature:
        model.is_signature_from_type_hint = signature is flavored.from_hints
        model.type_hint_from_example = False


def _signature_of(example: Any, flavored: Flavored) -> ModelSignature:
    data, params = example if isinstance(example, tuple) else (example, None)
    answer = None
    if flavored.predictor is not None:
        try:
            answer = flavored.predictor().predict(data, params)
        except Exception as error:  # noqa: BLE001 - user code may raise anything, and the model is saved anyway
            _log.warning("The model fails on its input example, so its signature has no outputs: %r", error)
    return infer_signature(data, answer, params)


def _resources(given: Any) -> Any:
    if isinstance(given, (str, Path)):
        return read_yaml(given, "resources")
    if isinstance(given, Mapping) or not given:
        return given
    kinds: dict[str, dict[str, list[Any]]] = {}
    for resource in given:
        kinds.setdefault(str(resource.target_uri), {}).setdefault(str(resource.type.value), []).extend(
            entry for entries in resource.to_dict().values() for entry in entries
        )
    return {"api_version": "1", **kinds}


def _copy_extra_files(files: Any, folder: Path) -> dict[str, Any]:
    if not files:
        return {}
    target = folder / EXTRA_FILES
    target.mkdir()
    for file in files:
        with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
            place = Path(file) if Path(file).is_file() else fetch(str(file), temporary)
            shutil.copy2(place, target / place.name)
    names = [Path(str(file)).name for file in files]
    return {EXTRA_FILES: [{"path": f"{EXTRA_FILES}/{name}"} for name in names]}
