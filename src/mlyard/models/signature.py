"""Signatures: the schemas of a model's inputs, outputs and params."""

from __future__ import annotations

from typing import Any

import msgspec

from mlyard.models.schema import Schema


class ModelSignature(msgspec.Struct, frozen=True):
    """``params`` is kept as the JSON text that the file holds."""

    inputs: Schema | None = None
    outputs: Schema | None = None
    params: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        """As MLmodel files hold it: JSON texts."""
        return {
            "inputs": self.inputs.to_json() if self.inputs else None,
            "outputs": self.outputs.to_json() if self.outputs else None,
            "params": self.params,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> ModelSignature:
        """From what an MLmodel file holds. Raises InvalidParameter."""
        inputs, outputs = content.get("inputs"), content.get("outputs")
        return cls(
            Schema.from_json(inputs) if inputs else None,
            Schema.from_json(outputs) if outputs else None,
            content.get("params"),
        )
