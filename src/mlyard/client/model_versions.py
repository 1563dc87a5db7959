"""The client's calls about the versions of registered models."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from mlyard.client import uris
from mlyard.client.arguments import query_of, texts
from mlyard.client.backends import Backend
from mlyard.core.errors import AlreadyExists, DoesNotExist
from mlyard.domain.model_versions import ModelVersion, NewModelVersion
from mlyard.domain.page import PagedList
from mlyard.domain.uris import ModelUri
from mlyard.services.model_sources import resolve_source
from mlyard.services.version_links import link_version


class ModelVersionCalls:
    """Calls about model versions; a version may be given as a number or as text."""

    _tracking: Backend
    _registry: Backend

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        run_link: str | None = None,
        description: str | None = None,
        await_creation_for: float | None = None,
        model_id: str | None = None,
    ) -> ModelVersion:
        """Create the next version of a registered model.

        Args:
            name: Name of the registered model, which must exist.
            source: Where the model is: ``runs:/<run id>/<path>``, ``models:/m-<id>``, ``models:/<name>/<version>``, or
                the URI of a folder.
            run_id: Run that produced the model. Default: the one that ``source`` names, if it names one.
            tags: Tags; values are stored as text. Default: none.
            run_link: Address of the run's page, if the run is in another store. Default: ``''``.
            description: Text shown on the version's page. Default: ``''``.
            await_creation_for: Has no effect: a version is ready at once. MLflow has it. Default: None.
            model_id: Logged model that is registered. Default: the one that ``source`` names, if it names one.

        Returns:
            The new version.

        Raises:
            DoesNotExist: No registered model has this name, or ``source`` names what does not exist.
            InvalidParameter: The source or another argument is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> version = client.create_model_version("Line", "s3://models/line", tags={"kind": "trial"})
            >>> version.version, version.current_stage
            ('1', 'None')
        """
        new = NewModelVersion(
            name=name,
            source=source,
            run_id=run_id or "",
            run_link=run_link or "",
            model_id=model_id,
            description=description or "",
            tags=texts(tags),
        )
        if self._registry.session is None:
            # A server resolves the source itself; for a database in this process it is done here.
            new = resolve_source(self._registry.store, new, trusted=True)
        version = self._registry.store.model_versions.create(new)
        link_version(self._tracking.store.logged_models, version)
        return version

    def copy_model_version(self, src_model_uri: str, dst_name: str) -> ModelVersion:
        """Copy a version of a registered model to another one, as its next version.

        The copy has the files, the run, the tags and the description of the original, but not its stage and aliases.

        Args:
            src_model_uri: The version: ``models:/<name>/<version or stage>`` or ``models:/<name>@<alias>``.
            dst_name: Name of the registered model that gets the copy; it is created if it does not exist.

        Returns:
            The new version.

        Raises:
            DoesNotExist: There is no such version.
            InvalidParameter: The URI does not name a version of a registered model, or the name is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Trial")
            >>> _ = client.create_model_version("Trial", "s3://models/line", description="the first")
            >>> copy = client.copy_model_version("models:/Trial/1", "Line")
            >>> copy.name, copy.version, copy.source, copy.description
            ('Line', '1', 'models:/Trial/1', 'the first')
        """
        name, version = uris.version_of(src_model_uri, self._registry)
        origin = self._registry.store.model_versions.get(name, version)
        return create_with_model(
            self,
            dst_name,
            str(ModelUri(name=name, version=version)),
            run_id=origin.run_id,
            tags=origin.tags,
            run_link=origin.run_link,
            description=origin.description,
            model_id=origin.model_id,
        )

    def get_model_version(self, name: str, version: int | str) -> ModelVersion:
        """Return a version of a registered model.

        Args:
            name: Name of the model.
            version: Number of the version.

        Returns:
            The version.

        Raises:
            DoesNotExist: The model has no such version.
            InvalidParameter: The version is not a number.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> _ = client.create_model_version("Line", "s3://models/line")
            >>> client.get_model_version("Line", 1).source
            's3://models/line'
        """
        return self._registry.store.model_versions.get(name, str(version))

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = 10_000,
        order_by: Sequence[str] | str | None = None,
        page_token: str | None = None,
    ) -> PagedList[ModelVersion]:
        """Find versions of registered models, one page at a time.

        Args:
            filter_string: Condition such as ``"name = 'Line' AND run_id = '…'"``. Default: no condition.
            max_results: Size of a page, at most 200,000. Default: 10,000.
            order_by: What to sort by, such as ``["version_number DESC"]``. Default: last updated first.
            page_token: ``token`` of the previous page. Default: the first page.

        Returns:
            A list of versions, whose ``token`` asks for the next page; it is empty or None on the last page.

        Raises:
            InvalidParameter: An argument is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> for _ in range(2):
            ...     _ = client.create_model_version("Line", "s3://models/line")
            >>> found = client.search_model_versions("name = 'Line'", order_by=["version_number ASC"])
            >>> [version.version for version in found]
            ['1', '2']
        """
        return self._registry.store.model_versions.search(query_of(filter_string, max_results, order_by, page_token))

    def update_model_version(self, name: str, version: int | str, description: str | None = None) -> ModelVersion:
        """Change the description of a version of a registered model.

        Args:
            name: Name of the model.
            version: Number of the version.
            description: New description. Default: ``''``.

        Returns:
            The changed version.

        Raises:
            DoesNotExist: The model has no such version.
            InvalidParameter: The description is too long, or the version is not a number.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> _ = client.create_model_version("Line", "s3://models/line")
            >>> client.update_model_version("Line", 1, "the first").description
            'the first'
        """
        return self._registry.store.model_versions.update(name, str(version), description or "")

    def transition_model_version_stage(
        self, name: str, version: int | str, stage: str, archive_existing_versions: bool = False
    ) -> ModelVersion:
        """Move a version of a registered model to a stage.

        Args:
            name: Name of the model.
            version: Number of the version.
            stage: ``"Staging"``, ``"Production"``, ``"Archived"`` or ``"None"``.
            archive_existing_versions: Archive the versions that are in this stage; for Staging and Production only.
                Default: False.

        Returns:
            The changed version.

        Raises:
            DoesNotExist: The model has no such version.
            InvalidParameter: The stage is not valid, or its versions cannot be archived.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> _ = client.create_model_version("Line", "s3://models/line")
            >>> client.transition_model_version_stage("Line", 1, "Production").current_stage
            'Production'
        """
        return self._registry.store.model_versions.transition(
            name, str(version), str(stage), archive_existing=archive_existing_versions
        )

    def delete_model_version(self, name: str, version: int | str) -> None:
        """Remove a version of a registered model permanently. The model's files stay.

        Args:
            name: Name of the model.
            version: Number of the version.

        Raises:
            DoesNotExist: The model has no such version.
            InvalidParameter: The version is not a number.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> _ = client.create_model_version("Line", "s3://models/line")
            >>> client.delete_model_version("Line", 1)
            >>> client.search_model_versions("name = 'Line'")
            []
        """
        self._registry.store.model_versions.delete(name, str(version))

    def set_model_version_tag(self, name: str, version: int | str, key: str, value: Any) -> None:
        """Set or change a tag of a version of a registered model.

        Args:
            name: Name of the model.
            version: Number of the version.
            key: Name of the tag.
            value: Value; its ``str()`` is stored, at most 100,000 characters.

        Raises:
            DoesNotExist: The model has no such version.
            InvalidParameter: The tag's name or value is not valid, or the version is not a number.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> _ = client.create_model_version("Line", "s3://models/line")
            >>> client.set_model_version_tag("Line", 1, "kind", "trial")
            >>> client.get_model_version("Line", 1).tags
            {'kind': 'trial'}
        """
        self._registry.store.model_versions.set_tag(name, str(version), key, str(value))

    def delete_model_version_tag(self, name: str, version: int | str, key: str) -> None:
        """Remove a tag of a version of a registered model, if it has it.

        Args:
            name: Name of the model.
            version: Number of the version.
            key: Name of the tag.

        Raises:
            DoesNotExist: The model has no such version.
            InvalidParameter: The version is not a number.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> _ = client.create_model_version("Line", "s3://models/line", tags={"kind": "trial"})
            >>> client.delete_model_version_tag("Line", 1, "kind")
            >>> client.get_model_version("Line", 1).tags
            {}
        """
        self._registry.store.model_versions.delete_tag(name, str(version), key)

    def get_model_version_download_uri(self, name: str, version: int | str) -> str:
        """Return where the files of a version of a registered model are.

        Args:
            name: Name of the model.
            version: Number of the version.

        Returns:
            The URI, or a local path.

        Raises:
            DoesNotExist: The model has no such version.
            InvalidParameter: The version is not a number.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_registered_model("Line")
            >>> _ = client.create_model_version("Line", "s3://models/line")
            >>> client.get_model_version_download_uri("Line", 1)
            's3://models/line'
        """
        return self._registry.store.model_versions.download_uri(name, str(version))


def create_with_model(calls: ModelVersionCalls, name: str, source: str, **given: Any) -> ModelVersion:
    """Call ``create_model_version``, and create the registered model if it does not exist.

    Says on standard error what it did, as MLflow does.
    """
    try:
        version = calls.create_model_version(name, source, **given)
        print(f"Registered model '{name}' already exists. Creating a new version of this model...", file=sys.stderr)
    except DoesNotExist:
        # The model is created only now, so that a source that is refused leaves no empty model behind.
        _create_model(calls, name)
        version = calls.create_model_version(name, source, **given)
    print(f"Created version '{version.version}' of model '{name}'.", file=sys.stderr)
    return version


def _create_model(calls: ModelVersionCalls, name: str) -> None:
    with suppress(AlreadyExists):
        calls._registry.store.registered_models.create(name)
        print(f"Successfully registered model '{name}'.", file=sys.stderr)
