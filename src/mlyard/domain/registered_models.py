"""Registered models: each is a name with numbered versions of a model."""

from __future__ import annotations

from mlyard.domain.entity import Entity
from mlyard.domain.model_versions import ModelVersion

TAG_IS_PROMPT = "mlflow.prompt.is_prompt"


class RegisteredModel(Entity, frozen=True):
    """A registered model: a name with numbered versions of a model.

    Args:
        name: The name, unique in the registry.
        creation_timestamp: Milliseconds since the epoch.
        last_updated_timestamp: Milliseconds since the epoch.
        description: Text shown on the page of the model. Default: ``""``.
        latest_versions: The newest version of each stage. Default: none.
        tags: The tags by key. Default: none.
        aliases: The version that each alias points at, a number as text. Default: none.

    Example:
        >>> import mlyard
        >>> client = mlyard.MlyardClient()
        >>> model = client.create_registered_model("Line", tags={"team": "wine"})
        >>> model.name, model.tags, model.latest_versions
        ('Line', {'team': 'wine'}, ())
    """

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str = ""
    latest_versions: tuple[ModelVersion, ...] = ()
    tags: dict[str, str] = {}
    aliases: dict[str, str] = {}
