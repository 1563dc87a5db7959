"""The client's calls about registered models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.arguments import query_of, several, texts
from mlyard.client.backends import Backend
from mlyard.domain.model_versions import ModelVersion
from mlyard.domain.page import PagedList
from mlyard.domain.registered_models import RegisteredModel


class RegisteredModelCalls:
    """Calls about registered models; a version may be given as a number or as text."""

    _registry: Backend

    def create_registered_model(
        self, name: str, tags: Mapping[str, Any] | None = None, description: str | None = None
    ) -> RegisteredModel:
        """Create a registered model without versions.

        Args:
            name: Name that no other model has; without ``/`` and ``:``, at most 256 characters.
            tags: Tags; values are stored as text. Default: none.
            description: Text shown on the model's page. Default: ``''``.

        Returns:
            The registered model.

        Raises:
            AlreadyExists: A model has this name.
            InvalidParameter: The name, a tag or the description is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> MlyardClient().create_registered_model("Line", {"team": "energy"}).tags
            {'team': 'energy'}
        """
        return self._registry.store.registered_models.create(name, description or "", texts(tags))

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return a registered model with the newest version of each stage.

        Args:
            name: Name of the model.

        Returns:
            The registered model.

        Raises:
            DoesNotExist: No model has this name.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line", description="a straight line")
            >>> client.get_registered_model("Line").description
            'a straight line'
        """
        return self._registry.store.registered_models.get(name)

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = 100,
        order_by: Sequence[str] | str | None = None,
        page_token: str | None = None,
    ) -> PagedList[RegisteredModel]:
        """Find registered models, one page at a time.

        Args:
            filter_string: Condition such as ``"name LIKE 'Li%' AND tags.team = 'energy'"``. Default: no condition.
            max_results: Size of a page, at most 1,000. Default: 100.
            order_by: What to sort by, such as ``["last_updated_timestamp DESC"]``. Default: by name.
            page_token: ``token`` of the previous page. Default: the first page.

        Returns:
            A list of registered models, whose ``token`` asks for the next page; it is empty or None on the last page.

        Raises:
            InvalidParameter: An argument is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> for name in ("Curve", "Line"):
            ...     _ = client.create_registered_model(name)
            >>> [model.name for model in client.search_registered_models("name LIKE 'Li%'")]
            ['Line']
        """
        query = query_of(filter_string, max_results, order_by, page_token)
        return self._registry.store.registered_models.search(query)

    def list_registered_models(
        self, max_results: int = 100, page_token: str | None = None
    ) -> PagedList[RegisteredModel]:
        """List all registered models by name, one page at a time. MLflow had this call before version 2.

        Args:
            max_results: Size of a page, at most 1,000. Default: 100.
            page_token: ``token`` of the previous page. Default: the first page.

        Returns:
            A list of registered models, whose ``token`` asks for the next page; it is empty or None on the last page.

        Raises:
            InvalidParameter: An argument is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> [model.name for model in client.list_registered_models()]
            ['Line']
        """
        return self.search_registered_models(max_results=max_results, page_token=page_token)

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Rename a registered model, with its versions, tags and aliases.

        Args:
            name: Name of the model.
            new_name: Name that no other model has.

        Returns:
            The renamed model.

        Raises:
            AlreadyExists: Another model has the new name.
            DoesNotExist: No model has this name.
            InvalidParameter: The new name is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> client.rename_registered_model("Line", "Straight line").name
            'Straight line'
        """
        return self._registry.store.registered_models.rename(name, new_name)

    def update_registered_model(self, name: str, description: str | None = None) -> RegisteredModel:
        """Change the description of a registered model.

        Args:
            name: Name of the model.
            description: New description. Default: ``''``.

        Returns:
            The changed model.

        Raises:
            DoesNotExist: No model has this name.
            InvalidParameter: The description is too long.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> client.update_registered_model("Line", "a straight line").description
            'a straight line'
        """
        return self._registry.store.registered_models.update(name, description or "")

    def delete_registered_model(self, name: str) -> None:
        """Remove a registered model and all its versions permanently. The models' files stay.

        Args:
            name: Name of the model.

        Raises:
            DoesNotExist: No model has this name.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> client.delete_registered_model("Line")
            >>> client.search_registered_models()
            []
        """
        self._registry.store.registered_models.delete(name)

    def get_latest_versions(self, name: str, stages: Sequence[str] | str | None = None) -> list[ModelVersion]:
        """Return the newest version in each stage of a registered model.

        Args:
            name: Name of the model.
            stages: ``"None"``, ``"Staging"``, ``"Production"`` or ``"Archived"``. Default: every stage.

        Returns:
            The versions; none for a stage that is empty.

        Raises:
            DoesNotExist: No model has this name.
            InvalidParameter: A stage is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> for _ in range(2):
            ...     _ = client.create_model_version("Line", "s3://models/line")
            >>> [version.version for version in client.get_latest_versions("Line")]
            ['2']
        """
        return self._registry.store.registered_models.latest_versions(name, several(stages))

    def set_registered_model_tag(self, name: str, key: str, value: Any) -> None:
        """Set or change a tag of a registered model.

        Args:
            name: Name of the model.
            key: Name of the tag.
            value: Value; its ``str()`` is stored, at most 100,000 characters.

        Raises:
            DoesNotExist: No model has this name.
            InvalidParameter: The tag's name or value is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> client.set_registered_model_tag("Line", "team", "energy")
            >>> client.get_registered_model("Line").tags
            {'team': 'energy'}
        """
        self._registry.store.registered_models.set_tag(name, key, str(value))

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove a tag of a registered model, if it has it.

        Args:
            name: Name of the model.
            key: Name of the tag.

        Raises:
            DoesNotExist: No model has this name.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line", {"team": "energy"})
            >>> client.delete_registered_model_tag("Line", "team")
            >>> client.get_registered_model("Line").tags
            {}
        """
        self._registry.store.registered_models.delete_tag(name, key)

    def set_registered_model_alias(self, name: str, alias: str, version: int | str) -> None:
        """Point an alias at a version of a registered model; an existing alias is moved.

        Args:
            name: Name of the model.
            alias: Letters, digits, underscores and dashes, but not like ``v1`` or ``latest``; at most 255 characters.
            version: Number of the version.

        Raises:
            DoesNotExist: The model has no such version.
            InvalidParameter: The alias is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> _ = client.create_model_version("Line", "s3://models/line")
            >>> client.set_registered_model_alias("Line", "best", 1)
            >>> client.get_model_version_by_alias("Line", "best").version
            '1'
        """
        self._registry.store.registered_models.set_alias(name, alias, str(version))

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias of a registered model, if it has it. The version stays.

        Args:
            name: Name of the model.
            alias: The alias.

        Raises:
            DoesNotExist: No model has this name.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> _ = client.create_model_version("Line", "s3://models/line")
            >>> client.set_registered_model_alias("Line", "best", 1)
            >>> client.delete_registered_model_alias("Line", "best")
            >>> client.get_registered_model("Line").aliases
            {}
        """
        self._registry.store.registered_models.delete_alias(name, alias)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version that an alias of a registered model points at.

        Args:
            name: Name of the model.
            alias: The alias.

        Returns:
            The version.

        Raises:
            DoesNotExist: No model has this name.
            InvalidParameter: The model has no such alias.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> _ = client.create_model_version("Line", "s3://models/line")
            >>> client.set_registered_model_alias("Line", "best", 1)
            >>> client.get_model_version_by_alias("Line", "best").aliases
            ('best',)
        """
        return self._registry.store.registered_models.get_by_alias(name, alias)
