"""Model versions on the wire."""

from __future__ import annotations

from mlyard.domain import model_versions as domain
from mlyard.domain.page import PagedList
from mlyard.wire.message import Int64, Message, RequestId, Required, Tag
from mlyard.wire.tags import decode_tags, encode_tags


class ModelVersion(Message, kw_only=True):
    name: str
    version: str
    creation_timestamp: Int64
    last_updated_timestamp: Int64
    user_id: str | None = None
    current_stage: str | None = None
    description: str | None = None
    source: str | None = None
    run_id: str | None = None
    status: str | None = None
    status_message: str | None = None
    tags: list[Tag] = []
    run_link: str | None = None
    aliases: list[str] = []
    model_id: str | None = None


class CreateModelVersion(Message, kw_only=True):
    name: Required
    source: Required
    run_id: str = ""
    tags: list[Tag] = []
    run_link: str = ""
    description: str = ""
    model_id: str | None = None
    request_id: RequestId | None = None


class ModelVersionId(Message, kw_only=True):
    name: Required
    version: str | Int64


class UpdateModelVersion(Message, kw_only=True):
    name: Required
    version: str | Int64
    description: str = ""


class TransitionStage(Message, kw_only=True):
    name: Required
    version: str | Int64
    stage: Required
    archive_existing_versions: bool = False


class SetModelVersionTag(Message, kw_only=True):
    name: Required
    version: str | Int64
    key: Required
    value: str = ""


class DeleteModelVersionTag(Message, kw_only=True):
    name: Required
    version: str | Int64
    key: Required


class ModelVersionAnswer(Message, kw_only=True):
    model_version: ModelVersion


class ModelVersionsAnswer(Message, kw_only=True):
    model_versions: list[ModelVersion] = []
    next_page_token: str | None = None


class DownloadUriAnswer(Message, kw_only=True):
    artifact_uri: str


def encode_version(version: domain.ModelVersion) -> ModelVersion:
    return ModelVersion(
        name=version.name,
        version=version.version,
        creation_timestamp=version.creation_timestamp,
        last_updated_timestamp=version.last_updated_timestamp,
        user_id=version.user_id or None,
        current_stage=version.current_stage,
        description=version.description,
        source=version.source,
        run_id=version.run_id,
        status=version.status,
        status_message=version.status_message,
        tags=encode_tags(version.tags),
        run_link=version.run_link,
        aliases=list(version.aliases),
        model_id=version.model_id,
    )


def decode_version(message: ModelVersion) -> domain.ModelVersion:
    return domain.ModelVersion(
        name=message.name,
        version=message.version,
        creation_timestamp=message.creation_timestamp,
        last_updated_timestamp=message.last_updated_timestamp,
        user_id=message.user_id or "",
        current_stage=message.current_stage or domain.NO_STAGE,
        description=message.description or "",
        source=message.source or "",
        run_id=message.run_id or "",
        status=message.status or domain.READY,
        status_message=message.status_message,
        tags=decode_tags(message.tags),
        run_link=message.run_link or "",
        aliases=tuple(message.aliases),
        model_id=message.model_id,
    )


def decode_new_version(message: CreateModelVersion) -> domain.NewModelVersion:
    return domain.NewModelVersion(
        name=message.name,
        source=message.source,
        run_id=message.run_id,
        run_link=message.run_link,
        model_id=message.model_id or None,
        description=message.description,
        tags=decode_tags(message.tags),
        request_id=message.request_id,
    )


def encode_new_version(new: domain.NewModelVersion) -> CreateModelVersion:
    """Without the storage location: the server resolves it from the source."""
    return CreateModelVersion(
        name=new.name,
        source=new.source,
        run_id=new.run_id,
        run_link=new.run_link,
        model_id=new.model_id,
        description=new.description,
        tags=encode_tags(new.tags),
        request_id=new.request_id,
    )


def encode_versions(page: PagedList[domain.ModelVersion]) -> ModelVersionsAnswer:
    return ModelVersionsAnswer(model_versions=[encode_version(v) for v in page], next_page_token=page.token)


def decode_versions(answer: ModelVersionsAnswer) -> PagedList[domain.ModelVersion]:
    return PagedList([decode_version(v) for v in answer.model_versions], answer.next_page_token)
