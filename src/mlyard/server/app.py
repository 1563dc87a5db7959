"""The tracking server as one ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mlyard.core.errors import EndpointNotFound, MlyardError, TemporarilyUnavailable
from mlyard.core.log import logger
from mlyard.core.version import MLFLOW_VERSION
from mlyard.ports.runs import SupportsLeases
from mlyard.ports.store import Store
from mlyard.server.api import Api, unexpected
from mlyard.server.direct import Direct
from mlyard.server.endpoints import all_handlers
from mlyard.server.endpoints.context import Context
from mlyard.server.files import Files
from mlyard.server.pages import UiFiles
from mlyard.server.security import Guard, Policy
from mlyard.services.artifact_access import ArtifactAccess
from mlyard.wire import openapi
from mlyard.wire.errors import encode_error
from mlyard.wire.routes import PREFIXES, PROXY_ROOTS


class _AnyPath(Convertor[str]):
    """Starlette's own ``path`` lets a line feed through to no route at all."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("any", _AnyPath())
_LOST_SECONDS = 5
_log = logger("server")
_METHODS = ["GET", "PUT", "POST", "PATCH", "DELETE"]
_NO_ARTIFACTS = "This server passes no artifacts on (--no-serve-artifacts): reach them at their own address."
_ONLY_ARTIFACTS = "This server passes artifacts on and does nothing else (--artifacts-only)."
# Below the API's prefixes, but no route of the route table: bytes of a file, and a fixed text.
_NOT_JSON = ("/artifacts/files", "/server-info")


def create_app(
    store: Store, artifacts: str, policy: Policy, *, serve_artifacts: bool = True, artifacts_only: bool = False
) -> ASGIApp:
    """The server over a store and a folder or URI of proxied artifacts. Closes the store when it shuts down."""
    context = Context(store, ArtifactAccess(artifacts))
    api = Api(context, all_handlers())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        runs = store.runs
        watch = asyncio.create_task(_end_lost_runs(runs)) if isinstance(runs, SupportsLeases) else None
        yield
        if watch:
            watch.cancel()
        api.close()
        store.close()

    errors = {MlyardError: _on_error, Exception: _on_error}
    routes = [*_own(context), *(_proxy(context) if serve_artifacts else _proxied(_NO_ARTIFACTS))]
    if artifacts_only:
        routes += [Route("/{path:any}", _off(_ONLY_ARTIFACTS), methods=_METHODS)]
        return Guard(Starlette(routes=routes, lifespan=lifespan, exception_handlers=errors), policy)
    rest = Starlette(routes=[*routes, *_files(context), *_pages()], lifespan=lifespan, exception_handlers=errors)
    return Guard(_Dispatch(api, rest), policy)


async def _end_lost_runs(runs: SupportsLeases) -> None:
    """Again and again; any number of servers may do so on one database."""
    while True:
        try:
            ended = await asyncio.to_thread(runs.end_lost)
        except Exception as error:  # noqa: BLE001 - whatever it was, the next round may do better
            _log.warning("Lost runs were not looked for: %s", error)
        else:
            if ended:
                _log.info("%d runs were ended: their clients are gone", ended)
        await asyncio.sleep(_LOST_SECONDS)


def _own(context: Context) -> list[Route]:
    return [Route("/health", _health), Route("/version", _version), Route("/openapi.json", _openapi)] + [
        Route(f"{prefix}/server-info", _server_info(context)) for prefix in PREFIXES
    ]


def _proxy(context: Context) -> list[Route]:
    """Files through this server, and past it where the destination allows that."""
    files, direct = Files(context), Direct(context)
    one = ["GET", "PUT", "DELETE"]
    routes = []
    for root in PROXY_ROOTS:
        routes += [
            Route(f"{root}/artifacts", files.proxied),
            Route(f"{root}/artifacts/{{path:any}}", files.proxied, methods=one),
            Route(f"{root}/presigned/{{path:any}}", direct.presigned),
        ]
        routes.append(Route(f"{root}/mpu/part/{{path:any}}", direct.part, methods=["PUT"]))
        uploads = (("create", direct.create), ("begin", direct.begin))
        routes.append(Route(f"{root}/bundle/{{path:any}}", files.bundle, methods=["POST"]))
        for name, endpoint in (*uploads, ("complete", direct.complete), ("abort", direct.abort)):
            routes.append(Route(f"{root}/mpu/{name}", endpoint, methods=["POST"]))
            routes.append(Route(f"{root}/mpu/{name}/{{path:any}}", endpoint, methods=["POST"]))
    return routes


def _proxied(answer: str) -> list[Route]:
    return [Route(f"{root}/{{path:any}}", _off(answer), methods=_METHODS) for root in PROXY_ROOTS]


def _files(context: Context) -> list[Route]:
    """Files by what they belong to."""
    files = Files(context)
    of_model = "/logged-models/{model_id}/artifacts/files"
    return [
        Route("/get-artifact", files.of_run),
        Route("/model-versions/get-artifact", files.of_version),
        *(Route(f"{prefix}{of_model}", files.of_logged_model) for prefix in PREFIXES),
    ]


def _pages() -> list[Route]:
    pages = UiFiles()
    packed = [Middleware(GZipMiddleware)]
    return [Route(path, pages.__call__, middleware=packed) for path in ("/", "/{path:any}")]


def _off(why: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of what this server was told not to do."""

    async def refuse(request: Request) -> Response:
        return await _on_error(request, EndpointNotFound(why))

    return refuse


class _Dispatch:
    """Sends the API's paths to the API, past the linear router that serves the few others."""

    def __init__(self, api: Api, rest: ASGIApp) -> None:
        self._api = api
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and self._api.owns(path) and not path.endswith(_NOT_JSON):
            await self._api(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


async def _on_error(_: Request, error: Exception) -> Response:
    known = error if isinstance(error, MlyardError) else unexpected()
    headers = {"Retry-After": "1"} if known.status == TemporarilyUnavailable.status else None
    return Response(encode_error(known), status_code=known.status, headers=headers, media_type="application/json")


async def _health(_: Request) -> Response:
    return PlainTextResponse("OK")


async def _version(_: Request) -> Response:
    return PlainTextResponse(MLFLOW_VERSION)


async def _openapi(_: Request) -> Response:
    return Response(openapi.document(), media_type="application/json")


def _server_info(context: Context) -> Callable[[Request], Awaitable[Response]]:
    in_parts = b"true" if context.artifacts.proxied.direct else b"false"
    body = b'{"store_type":"SqlStore","workspaces_enabled":false,"multipart_uploads_enabled":%b}' % in_parts

    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    return answer
