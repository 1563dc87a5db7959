"""Signatures: the schemas of a model's inputs, outputs and params."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.models.signature.params import ParamSchema
from mlyard.models.signature.schema import Schema


class ModelSignature(msgspec.Struct, frozen=True):
    """The schemas of a model's inputs, outputs and params.

    Args:
        inputs: The columns or tensors that the model takes. Default: None, not declared.
        outputs: The columns or tensors that it returns. Default: None, not declared.
        params: The params that each prediction accepts. Default: None, no params.

    Raises:
        InvalidParameter: An argument has the wrong type.

    Example:
        >>> from mlyard.models import ModelSignature
        >>> from mlyard.types import ColSpec, Schema
        >>> signature = ModelSignature(inputs=Schema([ColSpec("double", "x"), ColSpec("long", "n", required=False)]))
        >>> signature.inputs
        ['x': double (required), 'n': long (optional)]
    """

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
        """The content for an MLmodel file: each schema as a JSON string, None if it is not declared."""
        return {
            "inputs": self.inputs.to_json() if self.inputs else None,
            "outputs": self.outputs.to_json() if self.outputs else None,
            "params": self.params.to_json() if self.params else None,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> ModelSignature:
        """Read the signature in an MLmodel file.

        Args:
            content: A dict of JSON strings under ``inputs``, ``outputs`` and ``params``, as ``to_dict`` returns it.

        Returns:
            The signature.

        Raises:
            InvalidParameter: A schema cannot be read.
        """
        inputs, outputs, params = content.get("inputs"), content.get("outputs"), content.get("params")
        return cls(
            Schema.from_json(inputs) if inputs else None,
            Schema.from_json(outputs) if outputs else None,
            ParamSchema.from_json(params) if params else None,
        )


def infer_signature(
    model_input: Any = None, model_output: Any = None, params: Mapping[str, Any] | None = None
) -> ModelSignature:
    """Infer a signature from example data.

    Columns without a common type, such as a mix of strings and numbers, become ``any``, and a warning is logged.

    Args:
        model_input: An example of the input: a data frame or series (pandas or polars), a numpy array, a dict of
            arrays, a scipy sparse matrix, a list, a dict or a single value. Default: None.
        model_output: An example of the output, of the same kinds. Default: None.
        params: Example params by name: single values, lists of them, or dicts; they become the defaults. Default: None.

    Returns:
        The signature; schemas without an example are None.

    Raises:
        InvalidParameter: All three examples are missing, or no type can be inferred for a param.

    Example:
        >>> import pandas as pd
        >>> from mlyard.models import infer_signature
        >>> signature = infer_signature(pd.DataFrame({"x": [1.0], "n": [2]}), params={"limit": 3})
        >>> signature.inputs
        ['x': double (required), 'n': long (required)]
        >>> signature.params
        ['limit': long (default: 3)]
    """
    if model_input is None and model_output is None and not params:
        raise InvalidParameter("A signature needs an example of the input, of the output or of the params.")
    from mlyard.models.signature.inference import infer_params, infer_schema  # they load pandas

    return ModelSignature(
        None if model_input is None else infer_schema(model_input),
        None if model_output is None else infer_schema(model_output),
        infer_params(params) if params else None,
    )
