"""Bytes of artifacts, in and out, in chunks: memory does not grow with the file.

What is served is an attachment that no browser runs in the UI's origin.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from mlyard.core.errors import InvalidParameter
from mlyard.ports.artifacts import ArtifactStore
from mlyard.server.endpoints.context import Context
from mlyard.wire.artifacts import to_files
from mlyard.wire.message import encode
from mlyard.wire.routes import PROXY_PREFIXES

_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


class Files:
    """The endpoints that carry files."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def proxied(self, request: Request) -> Response:
        """GET, PUT and DELETE of one proxied artifact; GET of the folder itself lists it."""
        path = _proxied_path(request)
        if not path and request.method == "GET":
            return await self._list(request.query_params.get("path", ""))
        store = self._context.artifacts.proxied
        if request.method == "PUT":
            await _receive(store, path, request)
        elif request.method == "DELETE":
            await run_in_threadpool(store.delete, path)
        else:
            return await _send(store, path)
        return Response(status_code=200)

    async def of_run(self, request: Request) -> Response:
        """GET /get-artifact?run_id=…&path=…"""
        run_id, path = _query(request, "run_id", "path")
        _, folder = await run_in_threadpool(self._context.artifacts.of_run, self._context.store, run_id)
        return await _send(folder.store, folder.child(path))

    async def of_version(self, request: Request) -> Response:
        """GET /model-versions/get-artifact?name=…&version=…&path=…"""
        name, version, path = _query(request, "name", "version", "path")
        of_version = self._context.artifacts.of_version
        folder = await run_in_threadpool(of_version, self._context.store, name, version)
        return await _send(folder.store, folder.child(path))

    async def of_logged_model(self, request: Request) -> Response:
        """GET …/logged-models/<id>/artifacts/files?artifact_file_path=…"""
        (path,) = _query(request, "artifact_file_path")
        model_id = request.path_params["model_id"]
        of_model = self._context.artifacts.of_logged_model
        _, folder = await run_in_threadpool(of_model, self._context.store, model_id)
        return await _send(folder.store, folder.child(path))

    async def _list(self, path: str) -> Response:
        found = await run_in_threadpool(self._context.artifacts.proxied.list, path)
        prefix = f"{path}/" if path else ""
        relative = [type(f)(**{**dict(f), "path": f.path.removeprefix(prefix)}) for f in found]
        return Response(encode(to_files(relative)), media_type="application/json")


def _proxied_path(request: Request) -> str:
    raw = str(request.scope["path"])
    for prefix in PROXY_PREFIXES:
        if raw.startswith(prefix):
            return raw[len(prefix) :].removeprefix("/")
    raise InvalidParameter(f"{raw!r} is no artifact's address.")


def _query(request: Request, *names: str) -> list[str]:
    aliases = {"run_id": "run_uuid"}
    values = [request.query_params.get(name) or request.query_params.get(aliases.get(name, ""), "") for name in names]
    for name, value in zip(names, values, strict=True):
        if not value:
            raise InvalidParameter(f"Missing value for required parameter '{name}'.")
        if len(request.query_params.getlist(name)) > 1:
            raise InvalidParameter(f"The parameter '{name}' is given more than once.")
    return values


async def _send(store: ArtifactStore, path: str) -> Response:
    stack = ExitStack()
    artifact = await run_in_threadpool(stack.enter_context, store.open(path))
    name = path.rsplit("/", 1)[-1]
    headers = {**_SAFE, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    if artifact.size is not None:
        headers["Content-Length"] = str(artifact.size)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if media_type.startswith("text/") or name in {"MLmodel", "MLproject"}:
        media_type = "text/plain"
    return StreamingResponse(_closing(artifact.chunks, stack), headers=headers, media_type=media_type)


async def _closing(chunks: Iterator[bytes], stack: ExitStack) -> AsyncIterator[bytes]:
    with stack:
        async for chunk in iterate_in_threadpool(chunks):
            yield chunk


async def _receive(store: ArtifactStore, path: str, request: Request) -> None:
    """Feed the body to the store's thread; the queue's bound keeps a fast sender from filling memory."""
    loop = asyncio.get_running_loop()
    pipe: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue(maxsize=4)

    def chunks() -> Iterator[bytes]:
        while True:
            item = asyncio.run_coroutine_threadsafe(pipe.get(), loop).result()
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item

    writing = asyncio.ensure_future(run_in_threadpool(partial(store.put, path, chunks())))
    feeding = asyncio.ensure_future(_feed(request, pipe))
    try:
        await writing
    finally:
        feeding.cancel()


async def _feed(request: Request, pipe: asyncio.Queue[Any]) -> None:
    try:
        async for chunk in request.stream():
            if chunk:
                await pipe.put(chunk)
        await pipe.put(None)
    except ClientDisconnect:
        await pipe.put(InvalidParameter("The client went away before its upload was whole; nothing was stored."))
