"""Artifact listings on the wire."""

from __future__ import annotations

from collections.abc import Iterable

from mlyard.domain import artifacts as domain
from mlyard.wire.message import Message, Required


class FileInfo(Message, kw_only=True):
    path: str
    is_dir: bool
    file_size: int | None = None


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


def to_files(files: Iterable[domain.FileInfo], root_uri: str | None = None) -> FilesAnswer:
    """Domain to wire."""
    listed = [FileInfo(path=f.path, is_dir=f.is_dir, file_size=f.file_size) for f in files]
    return FilesAnswer(root_uri=root_uri, files=listed)


def from_files(answer: FilesAnswer) -> list[domain.FileInfo]:
    """Wire to domain."""
    return [domain.FileInfo(path=f.path, is_dir=f.is_dir, file_size=f.file_size) for f in answer.files]
