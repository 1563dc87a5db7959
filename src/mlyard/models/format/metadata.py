"""The MLmodel file: YAML that says which flavors a model's folder has and how it is called.

The format is MLflow's; what mlyard does not know is kept as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.version import MLFLOW_VERSION
from mlyard.models.signature import ModelSignature

if TYPE_CHECKING:
    from typing_extensions import Self

    from mlyard.models.signature.schema import Schema

FILE = "MLmodel"


class MLmodel(msgspec.Struct, kw_only=True):
    """The content of an MLmodel file. ``utc_time_created`` is '%Y-%m-%d %H:%M:%S.%f'.

    ``signature_text`` is the signature as the file holds it: JSON texts of its schemas.
    """

    flavors: dict[str, dict[str, Any]] = {}
    artifact_path: str | None = None
    run_id: str | None = None
    model_id: str | None = None
    model_uuid: str | None = None
    model_size_bytes: int | None = None
    mlflow_version: str | None = MLFLOW_VERSION
    utc_time_created: str | None = None
    signature_text: dict[str, Any] | None = msgspec.field(default=None, name="signature")
    is_signature_from_type_hint: bool | None = None
    type_hint_from_example: bool | None = None
    saved_input_example_info: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    resources: Any = None
    auth_policy: Any = None
    env_vars: list[str] | None = None
    prompts: list[str] | None = None
    other: dict[str, Any] = {}

    @property
    def signature(self) -> ModelSignature | None:
        """The signature, read. Raises InvalidParameter when it is damaged."""
        return ModelSignature.from_dict(self.signature_text) if self.signature_text else None

    @signature.setter
    def signature(self, signature: ModelSignature | None) -> None:
        self.signature_text = signature.to_dict() if signature else None

    def get_signature(self) -> ModelSignature | None:
        """The same as ``signature``."""
        return self.signature

    def get_input_schema(self) -> Schema | None:
        """What goes in."""
        return self.signature.inputs if self.signature else None

    def get_output_schema(self) -> Schema | None:
        """What comes out."""
        return self.signature.outputs if self.signature else None

    def get_params_schema(self) -> Any:
        """What may be said with each call."""
        return self.signature.params if self.signature else None

    def load_input_example(self, path: str | Path) -> Any:
        """The example that was saved in a model's folder; None when there is none."""
        from mlyard.models.format.example import load_example  # it loads pandas

        return load_example(Path(path), self.saved_input_example_info, self.get_input_schema())

    def load_input_example_params(self, path: str | Path) -> dict[str, Any] | None:
        """The params of the example."""
        from mlyard.models.format.example import load_example_params  # it loads pandas

        return load_example_params(Path(path), self.saved_input_example_info)

    def get_serving_input(self, path: str | Path) -> str | None:
        """The example as the body of a request; None when there is none."""
        name = (self.saved_input_example_info or {}).get("serving_input_path")
        # Only a file of the folder: the name stands in a file that anyone may have written.
        return (Path(path) / Path(str(name)).name).read_text(encoding="utf-8") if name else None

    def add_flavor(self, name: str, **entry: Any) -> Self:
        """Add a flavor's entry; the model itself."""
        self.flavors[name] = entry
        return self

    def to_dict(self) -> dict[str, Any]:
        """As the file holds it."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        other: dict[str, Any] = fields.pop("other")
        return {name: value for name, value in fields.items() if value is not None} | other

    def to_yaml(self, stream: Any = None) -> str:
        """The file's text."""
        text: str = yaml.safe_dump(self.to_dict(), stream, sort_keys=True, allow_unicode=True)
        return text

    def to_json(self) -> str:
        """The file's content as JSON."""
        return json.dumps(self.to_dict())

    def save(self, path: str | Path) -> None:
        """Write the file: into a model's folder, or at that very path."""
        place = Path(path)
        file = place / FILE if place.is_dir() else place
        file.write_text(self.to_yaml(), encoding="utf-8")

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """From what a file holds. Raises msgspec.ValidationError."""
        fields = {field.encode_name for field in msgspec.structs.fields(cls)} - {"other"}
        known = {name: value for name, value in content.items() if name in fields}
        unknown = {name: value for name, value in content.items() if name not in fields}
        return msgspec.convert(known | {"other": unknown}, cls, strict=False)


def now_text() -> str:
    """This moment as MLmodel files write it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")


def read_mlmodel(folder: Path) -> MLmodel:
    """The MLmodel file of a folder. Raises DoesNotExist, InvalidParameter."""
    file = folder / FILE
    if not file.is_file():
        raise DoesNotExist(f"There is no model at {str(folder)!r}: it holds no {FILE} file.")
    try:
        return MLmodel.from_dict(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, msgspec.ValidationError) as error:
        raise InvalidParameter(f"The file {str(file)!r} is not an MLmodel file: {error}") from None
