"""Uploads and downloads of artifacts, in chunks, so that memory does not grow with the size of a file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from mlyard.artifacts import bundle
from mlyard.artifacts.content import CHUNK
from mlyard.artifacts.paths import check_file_path, check_path, path_to_read
from mlyard.core.errors import BodyTooLarge, InvalidParameter, UnsupportedMediaType
from mlyard.ports.artifacts import ArtifactStore, Content, OpenArtifact
from mlyard.server.attachments import attachment_headers
from mlyard.server.endpoints.context import Context
from mlyard.wire.artifacts import encode_files
from mlyard.wire.message import encode
from mlyard.wire.routes import PROXY_PREFIXES

T = TypeVar("T")
_AT_ONCE = 8
_MAX_UPLOAD = 10 * 1024 * 1024  # MLflow's limit
_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})?")


class Files:
    """The endpoints for files."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pool = ThreadPoolExecutor(_AT_ONCE, "mlyard-bundle")

    async def proxied(self, request: Request) -> Response:
        """GET, PUT and DELETE a proxied artifact. GET of the root lists a folder."""
        path = _proxied_path(request)
        if not path and request.method == "GET":
            return await self._list(path_to_read(request.query_params.get("path", "")))
        _check_no_query(request, path)
        store = self._context.artifacts.proxied
        if request.method == "PUT":
            await _receive(store, path, request, self._context.uploads)
        elif request.method == "DELETE":
            await run_in_threadpool(store.delete, path)
        else:
            return await _send(store, path, request)
        return Response(status_code=200)

    async def bundle(self, request: Request) -> Response:
        """POST …/bundle/<folder>: many small files; all are checked before the first is stored. mlyard's addition."""
        if request.headers.get("Content-Type") != bundle.MEDIA_TYPE:
            raise UnsupportedMediaType(f"A bundle of files must have the content type {bundle.MEDIA_TYPE}.")
        folder, body = check_path(request.path_params["path"]), await limited(request, bundle.MAX_BYTES)
        await run_in_threadpool(self._put_all, folder, body)
        return Response(b"{}", media_type="application/json")

    def _put_all(self, folder: str, body: bytes) -> None:
        store, prefix = self._context.artifacts.proxied, f"{folder}/" if folder else ""
        files = {check_path(f"{prefix}{path}"): content for path, content in bundle.decode(body).items()}
        put = [self._pool.submit(store.put, path, content) for path, content in files.items()]
        for one in wait(put).done:
            one.result()

    async def of_run(self, request: Request) -> Response:
        """GET /get-artifact?run_id=…&path=…"""
        run_id, path = _query(request, "run_id", "path")
        _, folder = await run_in_threadpool(self._context.artifacts.of_run, self._context.store, run_id)
        return await _send(folder.store, folder.child(path), request)

    async def upload(self, request: Request) -> Response:
        """POST …/upload-artifact?run_uuid=…&path=…: a file of a run, by which MLflow's web UI uploads small files."""
        run_id = request.query_params.get("run_uuid") or request.query_params.get("run_id")
        path = request.query_params.get("path")
        for name, value in (("run_uuid", run_id), ("path", path)):
            if not value:
                raise InvalidParameter(f"Request must specify {name}.")
        check_file_path(str(path))
        body = await limited(request, _MAX_UPLOAD)
        if not body:
            raise InvalidParameter("Request must specify data.")
        await run_in_threadpool(self._put_of_run, str(run_id), str(path), body)
        return Response(b"{}", media_type="application/json")

    def _put_of_run(self, run_id: str, path: str, body: bytes) -> None:
        uri, folder = self._context.artifacts.of_run(self._context.store, run_id)
        if folder.store is not self._context.artifacts.proxied:
            raise InvalidParameter(f"This server only writes below its artifacts destination, and not at {uri!r}.")
        folder.store.put(folder.child(path), body, len(body))

    async def of_version(self, request: Request) -> Response:
        """GET /model-versions/get-artifact?name=…&version=…&path=…"""
        name, version, path = _query(request, "name", "version", "path")
        of_version = self._context.artifacts.of_version
        folder = await run_in_threadpool(of_version, self._context.store, name, version)
        return await _send(folder.store, folder.child(path), request)

    async def of_logged_model(self, request: Request) -> Response:
        """GET …/logged-models/<id>/artifacts/files?artifact_file_path=…"""
        (path,) = _query(request, "artifact_file_path")
        model_id = request.path_params["model_id"]
        of_model = self._context.artifacts.of_logged_model
        _, folder = await run_in_threadpool(of_model, self._context.store, model_id)
        return await _send(folder.store, folder.child(path), request)

    async def _list(self, path: str) -> Response:
        found = await run_in_threadpool(self._context.artifacts.proxied.list, path)
        prefix = f"{path}/" if path else ""
        relative = [type(f)(**{**dict(f), "path": f.path.removeprefix(prefix)}) for f in found]
        return Response(encode(encode_files(relative)), media_type="application/json")


def _proxied_path(request: Request) -> str:
    raw = str(request.scope["path"])
    for prefix in PROXY_PREFIXES:
        if raw.startswith(prefix):
            return raw[len(prefix) :].removeprefix("/")
    raise InvalidParameter(f"{raw!r} is not the address of an artifact.")


def _check_no_query(request: Request, path: str) -> None:
    """Refuse what comes from a client that did not encode the '?' in a file's name: it means another file."""
    if request.url.query:
        raise InvalidParameter(
            f"The address of the artifact {path!r} has the query {'?' + request.url.query[:100]!r}. If the '?' is part "
            "of the artifact's name, encode it as %3F, or choose another name if your client cannot."
        )


def _query(request: Request, *names: str) -> list[str]:
    aliases = {"run_id": "run_uuid"}
    values = [request.query_params.get(name) or request.query_params.get(aliases.get(name, ""), "") for name in names]
    for name, value in zip(names, values, strict=True):
        if not value:
            raise InvalidParameter(f"Missing value for required parameter '{name}'.")
        if len(request.query_params.getlist(name)) > 1:
            raise InvalidParameter(f"The parameter '{name}' is given more than once.")
    return values


async def _send(store: ArtifactStore, path: str, request: Request) -> Response:
    """Send a file, or the range of it that the ``Range`` header requests."""
    start, stop = _asked(request.headers.get("Range", ""))
    stack = ExitStack()
    artifact, head, whole = await run_in_threadpool(_opened, store, path, start, stop, stack)
    headers = attachment_headers(path)
    status = 200
    if artifact.size is not None and (start, stop) != (0, None):
        last = artifact.size if stop is None else min(stop, artifact.size)
        if start >= last:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{artifact.size}"})
        headers["Content-Range"], status = f"bytes {start}-{last - 1}/{artifact.size}", 206
    if whole:
        return Response(head, status_code=status, headers=headers)
    if artifact.size is not None:
        headers["Content-Length"] = str((artifact.size if stop is None else min(stop, artifact.size)) - start)
    return StreamingResponse(_closing(head, artifact.chunks, stack), status_code=status, headers=headers)


def _opened(
    store: ArtifactStore, path: str, start: int, stop: int | None, stack: ExitStack
) -> tuple[OpenArtifact, bytes, bool]:
    """The artifact, its first chunk, and whether that is all of it; in that case it is closed already.

    Most files are small, and need only one switch to a thread this way.
    """
    with ExitStack() as opening:
        artifact = opening.enter_context(store.open(path, start, stop))
        head = next(artifact.chunks, b"")
        asked = None if artifact.size is None else min(stop or artifact.size, artifact.size) - start
        if whole := not head or (asked is not None and len(head) >= asked):
            return artifact, head, whole
        stack.push(opening.pop_all())
    return artifact, head, False


def _asked(text: str) -> tuple[int, int | None]:
    """Start and stop of the requested bytes. Anything but a single range means the whole file (RFC 9110, 14.2)."""
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        return 0, None
    start, last = int(match[1]), int(match[2]) if match[2] else None
    if last is not None and last < start:
        return 0, None
    return start, None if last is None else last + 1


async def _closing(head: bytes, chunks: Iterator[bytes], stack: ExitStack) -> AsyncIterator[bytes]:
    with stack:
        yield head
        async for chunk in iterate_in_threadpool(chunks):
            yield chunk


async def _receive(store: ArtifactStore, path: str, request: Request, uploads: CapacityLimiter) -> None:
    announced = request.headers.get("Content-Length", "")
    size = int(announced) if announced.isdigit() else None
    await with_body(request, uploads, lambda content: store.put(path, content, size))


async def with_body(request: Request, uploads: CapacityLimiter, take: Callable[[Content], T]) -> T:
    """Call ``take`` in a thread: with a small body whole, with a large one in blocks, each read ahead of its use.

    Only a large one's thread waits for the client. ``uploads`` limits how many do.
    """
    loop = asyncio.get_running_loop()
    body = request.stream()
    head = await _block(body)
    if len(head) < CHUNK:
        return await run_in_threadpool(take, head)

    def blocks() -> Iterator[bytes]:
        ahead = asyncio.run_coroutine_threadsafe(_block(body), loop)
        try:
            yield head
            while block := ahead.result():
                ahead = asyncio.run_coroutine_threadsafe(_block(body), loop)
                yield block
        finally:
            ahead.cancel()

    return await to_thread.run_sync(take, blocks(), limiter=uploads)


async def limited(request: Request, limit: int) -> bytes:
    """The whole body of a request. Raises BodyTooLarge if it has more than ``limit`` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(f"The request's body is over the limit of {limit} bytes.")
    return bytes(body)


async def _block(body: AsyncIterator[bytes]) -> bytes:
    """The next block of a body, of about CHUNK bytes; empty at the end."""
    parts: list[bytes] = []
    size = 0
    try:
        async for chunk in body:
            parts.append(chunk)
            size += len(chunk)
            if size >= CHUNK:
                break
    except ClientDisconnect:
        raise InvalidParameter("The client disconnected before the upload was complete; nothing was stored.") from None
    return b"".join(parts)
