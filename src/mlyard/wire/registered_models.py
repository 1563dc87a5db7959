"""Registered models on the wire."""

from __future__ import annotations

from mlyard.domain import registered_models as domain
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.wire.message import Message, Required, Tag
from mlyard.wire.model_versions import ModelVersion, from_version, to_version
from mlyard.wire.tags import from_tags, to_tags


class Alias(Message, kw_only=True):
    alias: str
    version: str


class RegisteredModel(Message, kw_only=True):
    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    user_id: str | None = None
    description: str | None = None
    latest_versions: list[ModelVersion] = []
    tags: list[Tag] = []
    aliases: list[Alias] = []


class CreateRegisteredModel(Message, kw_only=True):
    name: Required
    tags: list[Tag] = []
    description: str = ""


class RegisteredModelName(Message, kw_only=True):
    name: Required


class RenameRegisteredModel(Message, kw_only=True):
    name: Required
    new_name: str = ""


class UpdateRegisteredModel(Message, kw_only=True):
    name: Required
    description: str = ""


class GetLatestVersions(Message, kw_only=True):
    name: Required
    stages: list[str] = []


class SetRegisteredModelTag(Message, kw_only=True):
    name: Required
    key: Required
    value: str = ""


class DeleteRegisteredModelTag(Message, kw_only=True):
    name: Required
    key: Required


class SetAlias(Message, kw_only=True):
    name: Required
    alias: Required
    version: str | int


class AliasName(Message, kw_only=True):
    name: Required
    alias: Required


class SearchRegistry(Message, kw_only=True):
    """A search of registered models or of model versions; no number: the endpoint's own default."""

    filter: str = ""
    max_results: int | None = None
    order_by: list[str] = []
    page_token: str = ""


class ListRegisteredModels(Message, kw_only=True):
    """The list call of clients before 2.0."""

    max_results: int | None = None
    page_token: str = ""


class RegisteredModelAnswer(Message, kw_only=True):
    registered_model: RegisteredModel


class RegisteredModelsAnswer(Message, kw_only=True):
    registered_models: list[RegisteredModel] = []
    next_page_token: str | None = None


def to_model(model: domain.RegisteredModel) -> RegisteredModel:
    """Domain to wire."""
    return RegisteredModel(
        name=model.name,
        creation_timestamp=model.creation_timestamp,
        last_updated_timestamp=model.last_updated_timestamp,
        description=model.description or None,
        latest_versions=[to_version(version) for version in model.latest_versions],
        tags=to_tags(model.tags),
        aliases=[Alias(alias=alias, version=version) for alias, version in model.aliases.items()],
    )


def from_model(message: RegisteredModel) -> domain.RegisteredModel:
    """Wire to domain."""
    return domain.RegisteredModel(
        name=message.name,
        creation_timestamp=message.creation_timestamp,
        last_updated_timestamp=message.last_updated_timestamp,
        description=message.description or "",
        latest_versions=tuple(from_version(version) for version in message.latest_versions),
        tags=from_tags(message.tags),
        aliases={alias.alias: alias.version for alias in message.aliases},
    )


def to_models(page: PagedList[domain.RegisteredModel]) -> RegisteredModelsAnswer:
    """Domain to wire."""
    return RegisteredModelsAnswer(registered_models=[to_model(m) for m in page], next_page_token=page.token)


def from_models(answer: RegisteredModelsAnswer) -> PagedList[domain.RegisteredModel]:
    """Wire to domain."""
    return PagedList([from_model(m) for m in answer.registered_models], answer.next_page_token)


def to_query(message: SearchRegistry, default_max_results: int) -> SearchQuery:
    """Wire to domain."""
    return SearchQuery(
        filter=message.filter,
        order_by=tuple(message.order_by),
        max_results=default_max_results if message.max_results is None else message.max_results,
        page_token=message.page_token or None,
    )


def from_query(query: SearchQuery) -> SearchRegistry:
    """Domain to wire."""
    return SearchRegistry(
        filter=query.filter,
        order_by=list(query.order_by),
        max_results=query.max_results,
        page_token=query.page_token or "",
    )
