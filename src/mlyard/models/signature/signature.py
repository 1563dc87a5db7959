"""Signatures: the schemas of a model's inputs, outputs and params."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.models.signature.params import ParamSchema
from mlyard.models.signature.schema import Schema


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


def infer_signature(
    model_input: Any = None, model_output: Any = None, params: Mapping[str, Any] | None = None
) -> ModelSignature:
    """The signature of an example of input, of output and of params.

    What has no type of its own (a column of mixed values, say) becomes ``any``, with a warning in the log.
    Raises InvalidParameter when all three are missing, or a param has no type.
    """
    if model_input is None and model_output is None and not params:
        raise InvalidParameter("A signature needs an example of the input, of the output or of the params.")
    from mlyard.models.signature.inference import infer_params, infer_schema  # they load pandas

    return ModelSignature(
        None if model_input is None else infer_schema(model_input),
        None if model_output is None else infer_schema(model_output),
        infer_params(params) if params else None,
    )
