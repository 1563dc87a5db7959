"""The tracking server as one ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mlyard.core.errors import MlyardError, TemporarilyUnavailable
from mlyard.core.log import logger
from mlyard.core.version import MLFLOW_VERSION
from mlyard.ports.store import Store
from mlyard.server.api import Api, unexpected
from mlyard.server.endpoints import all_handlers
from mlyard.server.endpoints.context import Context
from mlyard.server.files import Files
from mlyard.server.pages import Pages
from mlyard.server.security import Guard, Policy
from mlyard.services.artifact_access import ArtifactAccess
from mlyard.wire import openapi
from mlyard.wire.errors import encode_error
from mlyard.wire.routes import PREFIXES, PROXY_PREFIXES

_LOST_SECONDS = 5
_log = logger("server")
# Below the API's prefixes, but no route of the route table: bytes of a file, and a fixed text.
_NOT_JSON = ("/artifacts/files", "/server-info")
SERVER_INFO = b'{"store_type":"SqlStore","workspaces_enabled":false,"multipart_uploads_enabled":false}'


def create_app(store: Store, artifacts: Path, policy: Policy) -> ASGIApp:
    """The server over a store and a folder of proxied artifacts. Closes the store when it shuts down."""
    context = Context(store, ArtifactAccess(artifacts))
    api = Api(context, all_handlers())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        watch = asyncio.create_task(_end_lost_runs(store))
        yield
        watch.cancel()
        api.close()
        store.close()

    errors = {MlyardError: _on_error, Exception: _on_error}
    rest = Starlette(routes=_routes(Files(context)), lifespan=lifespan, exception_handlers=errors)
    return Guard(_Dispatch(api, rest), policy)


async def _end_lost_runs(store: Store) -> None:
    """Again and again; any number of servers may do so on one database."""
    while True:
        try:
            ended = await asyncio.to_thread(store.runs.end_lost)
        except Exception as error:  # noqa: BLE001 - whatever it was, the next round may do better
            _log.warning("Lost runs were not looked for: %s", error)
        else:
            if ended:
                _log.info("%d runs were ended: their clients are gone", ended)
        await asyncio.sleep(_LOST_SECONDS)


def _routes(files: Files) -> list[Route | Mount]:
    one = ["GET", "PUT", "DELETE"]
    routes: list[Route | Mount] = [
        Route("/health", _health),
        Route("/version", _version),
        Route("/openapi.json", _openapi),
        Route("/get-artifact", files.of_run),
        Route("/model-versions/get-artifact", files.of_version),
        *(Route(prefix, files.proxied) for prefix in PROXY_PREFIXES),
        *(Route(f"{prefix}/{{path:path}}", files.proxied, methods=one) for prefix in PROXY_PREFIXES),
    ]
    for prefix in PREFIXES:
        routes.append(Route(f"{prefix}/logged-models/{{model_id}}/artifacts/files", files.of_logged_model))
        routes.append(Route(f"{prefix}/server-info", _server_info))
    pages = Pages()
    packed = [Middleware(GZipMiddleware)]
    return [*routes, *(Route(path, pages.__call__, middleware=packed) for path in ("/", "/{path:path}"))]


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


async def _server_info(_: Request) -> Response:
    return Response(SERVER_INFO, media_type="application/json")
