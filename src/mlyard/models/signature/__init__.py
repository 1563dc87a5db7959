"""Signatures: the types and schemas of a model's inputs, outputs and params, and how they are inferred."""

from __future__ import annotations

from mlyard.models.signature.signature import ModelSignature, infer_signature

__all__ = ["ModelSignature", "infer_signature"]
