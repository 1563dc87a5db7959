"""The MLmodel file: YAML that says which flavors a model's folder has and how it is called.

The format is MLflow's; what mlyard does not know is kept as it is.
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.version import MLFLOW_VERSION
from mlyard.models.signature import ModelSignature

FILE = "MLmodel"


class MLmodel(msgspec.Struct, kw_only=True):
    """The content of an MLmodel file. ``utc_time_created`` is '%Y-%m-%d %H:%M:%S.%f'."""

    flavors: dict[str, dict[str, Any]] = {}
    artifact_path: str | None = None
    run_id: str | None = None
    model_id: str | None = None
    model_uuid: str | None = None
    model_size_bytes: int | None = None
    mlflow_version: str | None = MLFLOW_VERSION
    utc_time_created: str | None = None
    signature: dict[str, str | None] | None = None
    saved_input_example_info: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    other: dict[str, Any] = {}

    def get_signature(self) -> ModelSignature | None:
        """The signature, read. Raises InvalidParameter when it is damaged."""
        return ModelSignature.from_dict(self.signature) if self.signature else None

    def save(self, folder: Path) -> None:
        """Write the file into a model's folder."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__ if name != "other"}
        content = {name: value for name, value in fields.items() if value is not None} | self.other
        (folder / FILE).write_text(yaml.safe_dump(content, sort_keys=True, allow_unicode=True), encoding="utf-8")


def now_text() -> str:
    """This moment as MLmodel files write it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")


def read_mlmodel(folder: Path) -> MLmodel:
    """The MLmodel file of a folder. Raises DoesNotExist, InvalidParameter."""
    file = folder / FILE
    if not file.is_file():
        raise DoesNotExist(f"There is no model at {str(folder)!r}: it holds no {FILE} file.")
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        known = {name: value for name, value in content.items() if name in MLmodel.__struct_fields__}
        model = msgspec.convert(known, MLmodel, strict=False)
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, msgspec.ValidationError) as error:
        raise InvalidParameter(f"The file {str(file)!r} is not an MLmodel file: {error}") from None
    model.other = {name: value for name, value in content.items() if name not in known}
    return model
