"""Signatures: what a model takes and gives, its types and schemas, and how they are inferred."""

from __future__ import annotations

from mlyard.models.signature.signature import ModelSignature, infer_signature

__all__ = ["ModelSignature", "infer_signature"]
