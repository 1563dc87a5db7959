"""Artifact listings, uploads and signed URLs on the wire."""

from __future__ import annotations

from collections.abc import Iterable

from mlyard.domain import artifacts as domain
from mlyard.wire.message import Int64, Message, Required


class FileInfo(Message, kw_only=True):
    path: str
    is_dir: bool
    file_size: Int64 | None = None


class ListArtifacts(Message, kw_only=True):
    run_id: str = ""
    run_uuid: str = ""
    path: str = ""
    page_token: str = ""


class ListLoggedModelArtifacts(Message, kw_only=True):
    model_id: Required
    artifact_directory_path: str = ""
    page_token: str = ""


class ListProxied(Message, kw_only=True):
    path: str = ""


class FilesAnswer(Message, kw_only=True):
    root_uri: str | None = None
    files: list[FileInfo] = []
    next_page_token: str | None = None


class PartCredential(Message, kw_only=True):
    url: str
    part_number: Int64
    headers: dict[str, str] = {}


class CreateUpload(Message, kw_only=True):
    path: str = ""
    num_parts: Int64 = 0


class BeginUpload(Message, kw_only=True):
    path: str = ""


class PartAnswer(Message, kw_only=True):
    etag: str


class UploadAnswer(Message, kw_only=True):
    upload_id: str
    credentials: list[PartCredential] = []


class UploadedPart(Message, kw_only=True):
    part_number: Int64
    etag: str
    url: str = ""


class CompleteUpload(Message, kw_only=True):
    path: str = ""
    upload_id: Required
    parts: list[UploadedPart] = []


class AbortUpload(Message, kw_only=True):
    path: str = ""
    upload_id: Required


class PresignedAnswer(Message, kw_only=True):
    url: str
    headers: dict[str, str] = {}
    file_size: Int64 | None = None


class CreatePresignedUpload(Message, kw_only=True):
    run_id: str = ""
    model_id: str = ""
    path: Required
    expiration: Int64 | None = None


class CreatePresignedDownload(Message, kw_only=True):
    run_id: Required
    path: Required
    expiration: Int64 | None = None


class PresignedUrlAnswer(Message, kw_only=True):
    presigned_url: str
    headers: dict[str, str] = {}
    file_size: Int64 | None = None


def encode_files(files: Iterable[domain.FileInfo], root_uri: str | None = None) -> FilesAnswer:
    listed = [FileInfo(path=f.path, is_dir=f.is_dir, file_size=f.file_size) for f in files]
    return FilesAnswer(root_uri=root_uri, files=listed)


def decode_files(answer: FilesAnswer) -> list[domain.FileInfo]:
    return [domain.FileInfo(path=f.path, is_dir=f.is_dir, file_size=f.file_size) for f in answer.files]
