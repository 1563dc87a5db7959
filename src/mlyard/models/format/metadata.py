"""The MLmodel file: YAML with a model's flavors, signature and metadata.

The format is MLflow's. Keys that mlyard does not know are kept unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.version import MLFLOW_VERSION
from mlyard.models.signature import ModelSignature

if TYPE_CHECKING:
    from typing import Self

    from mlyard.models.signature.schema import Schema

FILE = "MLmodel"


class MLmodel(msgspec.Struct, kw_only=True):
    """The content of an MLmodel file.

    ``utc_time_created`` has the format '%Y-%m-%d %H:%M:%S.%f'. ``signature_text`` is the signature as it stands in the
    file: a dict of schemas as JSON strings.
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
        """The model's signature; None if it has none. Raises InvalidParameter if it is damaged."""
        return ModelSignature.from_dict(self.signature_text) if self.signature_text else None

    @signature.setter
    def signature(self, signature: ModelSignature | None) -> None:
        self.signature_text = signature.to_dict() if signature else None

    def get_signature(self) -> ModelSignature | None:
        """Return ``signature``."""
        return self.signature

    def get_input_schema(self) -> Schema | None:
        """The schema of the model's inputs; None if it has no signature."""
        return self.signature.inputs if self.signature else None

    def get_output_schema(self) -> Schema | None:
        """The schema of the model's outputs; None if it has no signature."""
        return self.signature.outputs if self.signature else None

    def get_params_schema(self) -> Any:
        """The schema of the params that each prediction accepts; None if it has no signature."""
        return self.signature.params if self.signature else None

    def load_input_example(self, path: str | Path) -> Any:
        """The input example saved in the model's folder ``path``; None if there is none."""
        from mlyard.models.format.example import load_example  # it loads pandas

        return load_example(Path(path), self.saved_input_example_info, self.get_input_schema())

    def load_input_example_params(self, path: str | Path) -> dict[str, Any] | None:
        """The params of the input example in the folder ``path``; None if it has none."""
        from mlyard.models.format.example import load_example_params  # it loads pandas

        return load_example_params(Path(path), self.saved_input_example_info)

    def get_serving_input(self, path: str | Path) -> str | None:
        """The input example as a JSON request body; None if there is none."""
        name = (self.saved_input_example_info or {}).get("serving_input_path")
        # The MLmodel file is untrusted, so only a file directly in the folder is read.
        return (Path(path) / Path(str(name)).name).read_text(encoding="utf-8") if name else None

    def add_flavor(self, name: str, **entry: Any) -> Self:
        """Add a flavor's entry and return this object."""
        self.flavors[name] = entry
        return self

    def to_dict(self) -> dict[str, Any]:
        """The content as it stands in the file, without empty fields."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        other: dict[str, Any] = fields.pop("other")
        return {name: value for name, value in fields.items() if value is not None} | other

    def to_yaml(self, stream: Any = None) -> str:
        """The content as YAML, also written to ``stream`` if one is given."""
        text: str = yaml.safe_dump(self.to_dict(), stream, sort_keys=True, allow_unicode=True)
        return text

    def to_json(self) -> str:
        """The file's content as JSON."""
        return json.dumps(self.to_dict())

    def save(self, path: str | Path) -> None:
        """Write the file to ``path``, or to ``MLmodel`` in it if it is a folder."""
        place = Path(path)
        file = place / FILE if place.is_dir() else place
        file.write_text(self.to_yaml(), encoding="utf-8")

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Read the content of a file. Raises msgspec.ValidationError."""
        fields = {field.encode_name for field in msgspec.structs.fields(cls)} - {"other"}
        known = {name: value for name, value in content.items() if name in fields}
        unknown = {name: value for name, value in content.items() if name not in fields}
        return msgspec.convert(known | {"other": unknown}, cls, strict=False)


def now_text() -> str:
    """The current time in the format of MLmodel files."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def read_mlmodel(folder: Path) -> MLmodel:
    """The MLmodel file of a folder. Raises DoesNotExist, InvalidParameter."""
    file = folder / FILE
    if not file.is_file():
        raise DoesNotExist(f"There is no model at {str(folder)!r}: it holds no {FILE} file.")
    try:
        return MLmodel.from_dict(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, msgspec.ValidationError) as error:
        raise InvalidParameter(f"The file {str(file)!r} is not an MLmodel file: {error}") from None
