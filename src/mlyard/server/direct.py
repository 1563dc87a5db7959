"""Multipart uploads, and signed URLs by which clients access the object store behind the proxy directly.

All paths are below the artifacts destination. If that is a folder, there are no signed URLs, and the answer says so.
"""

from __future__ import annotations

import re
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mlyard.artifacts.content import chunks_of
from mlyard.artifacts.paths import check_file_path
from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.ports.artifacts import ArtifactStore, Part
from mlyard.server.api import check_content_type
from mlyard.server.endpoints.context import Context
from mlyard.server.files import limited, with_body
from mlyard.server.signing import direct_of, parts_of, signed_download
from mlyard.wire import artifacts as wire
from mlyard.wire.message import Empty, Message, decode, encode

_MAX_BODY = 4 * 1024 * 1024  # 10,000 parts with their tags and URLs
_MAX_PARTS = 10_000  # S3's own limit
M = TypeVar("M", bound=Message)


class Direct:
    """The endpoints for multipart uploads and signed URLs."""

    def __init__(self, context: Context) -> None:
        self._store = context.artifacts.proxied
        self._uploads = context.uploads

    async def create(self, request: Request) -> Response:
        """POST …/mpu/create/<folder>: the client sends the parts to the object store, by signed URLs."""
        body = await _body(request, wire.CreateUpload)
        path = _target(request, body.path)
        return _answer(await run_in_threadpool(_created, self._store, path, body.num_parts))

    async def begin(self, request: Request) -> Response:
        """POST …/mpu/begin/<folder>: the client sends the parts to this server. mlyard's addition to the protocol."""
        body = await _body(request, wire.BeginUpload)
        path = _target(request, body.path)
        return _answer(wire.UploadAnswer(upload_id=await run_in_threadpool(parts_of(self._store).begin, path)))

    async def part(self, request: Request) -> Response:
        """PUT …/mpu/part/<path>?upload_id=…&part_number=…&start=…"""
        path = check_file_path(request.path_params["path"])
        part, upload_id = _part(request), request.query_params.get("upload_id", "")
        put = parts_of(self._store).put_part
        tag = await with_body(request, self._uploads, lambda content: put(path, upload_id, part, chunks_of(content)))
        return _answer(wire.PartAnswer(etag=tag))

    async def complete(self, request: Request) -> Response:
        """POST …/mpu/complete/<folder>"""
        body = await _body(request, wire.CompleteUpload)
        path = _target(request, body.path)
        tags = {part.part_number: part.etag for part in body.parts}
        await run_in_threadpool(parts_of(self._store).complete, path, body.upload_id, tags)
        return _answer(Empty())

    async def abort(self, request: Request) -> Response:
        """POST …/mpu/abort/<folder>"""
        body = await _body(request, wire.AbortUpload)
        path = _target(request, body.path)
        await run_in_threadpool(parts_of(self._store).abort, path, body.upload_id)
        return _answer(Empty())

    async def presigned(self, request: Request) -> Response:
        """GET …/presigned/<path>"""
        path = check_file_path(request.path_params["path"])
        url, size = await run_in_threadpool(signed_download, self._store, path, None)
        return _answer(wire.PresignedAnswer(url=url, file_size=size))


def _created(store: ArtifactStore, path: str, parts: int) -> wire.UploadAnswer:
    direct, seconds = direct_of(store), settings.PRESIGNED_UPLOAD_SECONDS.get()
    if not 1 <= parts <= _MAX_PARTS:
        raise InvalidParameter(f"Invalid value {parts} for 'num_parts': expected a number from 1 to {_MAX_PARTS}.")
    upload_id = parts_of(store).begin(path)
    signed = ((n, direct.presign_part(path, upload_id, n, seconds)) for n in range(1, parts + 1))
    credentials = [wire.PartCredential(url=at.url, part_number=n, headers=dict(at.headers)) for n, at in signed]
    return wire.UploadAnswer(upload_id=upload_id, credentials=credentials)


def _part(request: Request) -> Part:
    """The part that a request sends. Raises InvalidParameter."""
    given = {name: request.query_params.get(name, "") for name in ("part_number", "start")}
    given["Content-Length"] = request.headers.get("Content-Length", "")
    for name, text in given.items():
        if not re.fullmatch(r"[0-9]{1,18}", text):
            raise InvalidParameter(f"Invalid value {text[:50]!r} for '{name}': expected a non-negative integer.")
    part = Part(*(int(text) for text in given.values()))
    if not 1 <= part.number <= _MAX_PARTS:
        raise InvalidParameter(
            f"Invalid value {part.number} for 'part_number': expected a number from 1 to {_MAX_PARTS}."
        )
    return part


def _target(request: Request, file: str) -> str:
    """The path to write: its folder is in the URL, its name is that of the client's local file, in the body."""
    name = file.rsplit("/", 1)[-1]
    folder = request.path_params.get("path", "")
    return check_file_path(f"{folder}/{name}" if folder else name)


async def _body(request: Request, kind: type[M]) -> M:
    check_content_type(request.headers.get("Content-Type", ""))
    return decode(await limited(request, _MAX_BODY), kind)


def _answer(message: Message) -> Response:
    return Response(encode(message), media_type="application/json")
