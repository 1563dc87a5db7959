"""Signatures: the schemas of a model's inputs, outputs and params."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.models.params import ParamSchema
from mlyard.models.schema import Schema

if TYPE_CHECKING:
    from mlyard.models.infer import infer_signature

__all__ = ["ModelSignature", "infer_signature"]


class ModelSignature(msgspec.Struct, frozen=True):
    """What a model takes and gives; None where nothing is said. Raises InvalidParameter."""

    inputs: Schema | None = None
    outputs: Schema | None = None
    params: ParamSchema | None = None

    def __post_init__(self) -> None:
        for name, value, wanted in (
            ("inputs", self.inputs, Schema),
            ("outputs", self.outputs, Schema),
            ("params", self.params, ParamSchema),
        ):
            if value is not None and not isinstance(value, wanted):
                raise InvalidParameter(f"A signature's {name} must be a {wanted.__name__}, not {value!r}.")

    def __repr__(self) -> str:
        return f"inputs: \n  {self.inputs!r}\noutputs: \n  {self.outputs!r}\nparams: \n  {self.params!r}\n"

    def to_dict(self) -> dict[str, str | None]:
        """As MLmodel files hold it: JSON texts."""
        return {
            "inputs": self.inputs.to_json() if self.inputs else None,
            "outputs": self.outputs.to_json() if self.outputs else None,
            "params": self.params.to_json() if self.params else None,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> ModelSignature:
        """From what an MLmodel file holds. Raises InvalidParameter."""
        inputs, outputs, params = content.get("inputs"), content.get("outputs"), content.get("params")
        return cls(
            Schema.from_json(inputs) if inputs else None,
            Schema.from_json(outputs) if outputs else None,
            ParamSchema.from_json(params) if params else None,
        )


def __getattr__(name: str) -> Any:
    # Scripts import it from here; it loads pandas.
    if name == "infer_signature":
        from mlyard.models.infer import infer_signature

        return infer_signature
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
