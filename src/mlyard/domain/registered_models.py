"""Registered models: each is a name with numbered versions of a model."""

from __future__ import annotations

from mlyard.domain.entity import Entity
from mlyard.domain.model_versions import ModelVersion

TAG_IS_PROMPT = "mlflow.prompt.is_prompt"


class RegisteredModel(Entity, frozen=True, kw_only=True):
    """A registered model with the newest version of each stage. Times in ms."""

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str = ""
    latest_versions: tuple[ModelVersion, ...] = ()
    tags: dict[str, str] = {}
    aliases: dict[str, str] = {}
