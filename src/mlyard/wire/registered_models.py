"""Registered models on the wire."""

from __future__ import annotations

from mlyard.domain import registered_models as domain
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.wire.message import Int64, Message, RequestId, Required, Tag
from mlyard.wire.model_versions import ModelVersion, decode_version, encode_version
from mlyard.wire.tags import decode_tags, encode_tags


class Alias(Message, kw_only=True):
    alias: str
    version: str


class RegisteredModel(Message, kw_only=True):
    name: str
    creation_timestamp: Int64
    last_updated_timestamp: Int64
    user_id: str | None = None
    description: str | None = None
    latest_versions: list[ModelVersion] = []
    tags: list[Tag] = []
    aliases: list[Alias] = []


class CreateRegisteredModel(Message, kw_only=True):
    name: Required
    tags: list[Tag] = []
    description: str = ""
    request_id: RequestId | None = None


class RegisteredModelName(Message, kw_only=True):
    name: Required


class RenameRegisteredModel(Message, kw_only=True):
    name: Required
    new_name: str = ""
    request_id: RequestId | None = None


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
    version: str | Int64


class AliasName(Message, kw_only=True):
    name: Required
    alias: Required


class SearchRegistry(Message, kw_only=True):
    """A search for registered models or for model versions. Without ``max_results`` the endpoint has a default."""

    filter: str = ""
    max_results: Int64 | None = None
    order_by: list[str] = []
    page_token: str = ""


class ListRegisteredModels(Message, kw_only=True):
    """The list call of clients before 2.0."""

    max_results: Int64 | None = None
    page_token: str = ""


class RegisteredModelAnswer(Message, kw_only=True):
    registered_model: RegisteredModel


class RegisteredModelsAnswer(Message, kw_only=True):
    registered_models: list[RegisteredModel] = []
    next_page_token: str | None = None


def encode_model(model: domain.RegisteredModel) -> RegisteredModel:
    return RegisteredModel(
        name=model.name,
        creation_timestamp=model.creation_timestamp,
        last_updated_timestamp=model.last_updated_timestamp,
        description=model.description or None,
        latest_versions=[encode_version(version) for version in model.latest_versions],
        tags=encode_tags(model.tags),
        aliases=[Alias(alias=alias, version=version) for alias, version in model.aliases.items()],
    )


def decode_model(message: RegisteredModel) -> domain.RegisteredModel:
    return domain.RegisteredModel(
        name=message.name,
        creation_timestamp=message.creation_timestamp,
        last_updated_timestamp=message.last_updated_timestamp,
        description=message.description or "",
        latest_versions=tuple(decode_version(version) for version in message.latest_versions),
        tags=decode_tags(message.tags),
        aliases={alias.alias: alias.version for alias in message.aliases},
    )


def encode_models(page: PagedList[domain.RegisteredModel]) -> RegisteredModelsAnswer:
    return RegisteredModelsAnswer(registered_models=[encode_model(m) for m in page], next_page_token=page.token)


def decode_models(answer: RegisteredModelsAnswer) -> PagedList[domain.RegisteredModel]:
    return PagedList([decode_model(m) for m in answer.registered_models], answer.next_page_token)


def decode_query(message: SearchRegistry, default_max_results: int) -> SearchQuery:
    return SearchQuery(
        filter=message.filter,
        order_by=tuple(message.order_by),
        max_results=default_max_results if message.max_results is None else message.max_results,
        page_token=message.page_token or None,
    )


def encode_query(query: SearchQuery) -> SearchRegistry:
    return SearchRegistry(
        filter=query.filter,
        order_by=list(query.order_by),
        max_results=query.max_results,
        page_token=query.page_token or "",
    )
