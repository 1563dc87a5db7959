"""Addresses at which clients reach the object store behind the proxy themselves, and uploads in parts.

Every answer is about one path below the artifacts destination; a destination that is a folder has no
such addresses, and says so.
"""

from __future__ import annotations

from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mlyard.artifacts.paths import check_file_path
from mlyard.core.errors import BodyTooLarge
from mlyard.server.api import check_content_type
from mlyard.server.endpoints.context import Context
from mlyard.server.signing import direct_of, signed_download
from mlyard.wire import artifacts as wire
from mlyard.wire.message import Empty, Message, decode, encode

_MAX_BODY = 4 * 1024 * 1024  # 10,000 parts with their tags and addresses
M = TypeVar("M", bound=Message)


class Direct:
    """The endpoints of uploads in parts and of signed addresses, below the proxy's root."""

    def __init__(self, context: Context) -> None:
        self._store = context.artifacts.proxied

    async def create(self, request: Request) -> Response:
        """POST …/mpu/create/<folder>"""
        body = await _body(request, wire.CreateUpload)
        path = _target(request, body.path)
        begun = await run_in_threadpool(direct_of(self._store).create_upload, path, body.num_parts)
        credentials = [
            wire.PartCredential(url=part.url, part_number=number, headers=dict(part.headers))
            for number, part in enumerate(begun.parts, start=1)
        ]
        return _answer(wire.UploadAnswer(upload_id=begun.upload_id, credentials=credentials))

    async def complete(self, request: Request) -> Response:
        """POST …/mpu/complete/<folder>"""
        body = await _body(request, wire.CompleteUpload)
        path = _target(request, body.path)
        etags = {part.part_number: part.etag for part in body.parts}
        await run_in_threadpool(direct_of(self._store).complete_upload, path, body.upload_id, etags)
        return _answer(Empty())

    async def abort(self, request: Request) -> Response:
        """POST …/mpu/abort/<folder>"""
        body = await _body(request, wire.AbortUpload)
        path = _target(request, body.path)
        await run_in_threadpool(direct_of(self._store).abort_upload, path, body.upload_id)
        return _answer(Empty())

    async def presigned(self, request: Request) -> Response:
        """GET …/presigned/<path>"""
        path = check_file_path(request.path_params["path"])
        url, size = await run_in_threadpool(signed_download, self._store, path, None)
        return _answer(wire.PresignedAnswer(url=url, file_size=size))


def _target(request: Request, file: str) -> str:
    """The file's path: the address names its folder, the body the file as it lies with the client."""
    name = file.rsplit("/", 1)[-1]
    folder = request.path_params.get("path", "")
    return check_file_path(f"{folder}/{name}" if folder else name)


async def _body(request: Request, kind: type[M]) -> M:
    check_content_type(request.headers.get("Content-Type", ""))
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MAX_BODY:
            raise BodyTooLarge(f"The request's body is over the limit of {_MAX_BODY} bytes.")
    return decode(content, kind)


def _answer(message: Message) -> Response:
    return Response(encode(message), media_type="application/json")
