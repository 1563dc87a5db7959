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
from mlyard.wire.message import encode
from mlyard.wire.routes import PREFIXES, PROXY_ROOTS, SERVER_INFO
from mlyard.wire.server_info import ServerInfo


class _AnyPath(Convertor[str]):
    """Matches any path. Starlette's own ``path`` does not match line feeds."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("any", _AnyPath())
_LOST_SECONDS = 5
_log = logger("server")
_METHODS = ["GET", "PUT", "POST", "PATCH", "DELETE"]
_NO_ARTIFACTS = "This server does not proxy artifacts (--no-serve-artifacts): access them at their own location."
_ONLY_ARTIFACTS = "This server only proxies artifacts (--artifacts-only)."
# Below the API's prefixes, but not in the route table: files' contents, and a fixed text.
_NOT_JSON = ("/artifacts/files", SERVER_INFO, "/upload-artifact")


def create_app(
    store: Store,
    artifacts: ArtifactAccess,
    policy: Policy,
    *,
    serve_artifacts: bool = True,
    artifacts_only: bool = False,
) -> ASGIApp:
    """The server. It closes the store on shutdown."""
    context = Context(store, artifacts)
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
    routes += _uploads(Files(context).upload if serve_artifacts else _off(_NO_ARTIFACTS))
    rest = Starlette(routes=[*routes, *_files(context), *_pages()], lifespan=lifespan, exception_handlers=errors)
    return Guard(_Dispatch(api, rest), policy)


async def _end_lost_runs(runs: SupportsLeases) -> None:
    """Check for lost runs periodically. Any number of servers may do so on the same database."""
    while True:
        try:
            ended = await asyncio.to_thread(runs.end_lost)
        except Exception as error:  # noqa: BLE001 - the next round may succeed
            _log.warning("The check for lost runs failed: %s", error)
        else:
            if ended:
                _log.info("Ended %d runs whose clients send no heartbeats any more", ended)
        await asyncio.sleep(_LOST_SECONDS)


def _own(context: Context) -> list[Route]:
    return [Route("/health", _health), Route("/version", _version), Route("/openapi.json", _openapi)] + [
        Route(prefix + SERVER_INFO, _server_info(context)) for prefix in PREFIXES
    ]


def _proxy(context: Context) -> list[Route]:
    """Artifacts through this server, and by signed URLs where the object store allows it."""
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
    """Files of runs, model versions and logged models."""
    files = Files(context)
    of_model = "/logged-models/{model_id}/artifacts/files"
    return [
        Route("/get-artifact", files.of_run),
        Route("/model-versions/get-artifact", files.of_version),
        *(Route(f"{prefix}{of_model}", files.of_logged_model) for prefix in PREFIXES),
    ]


def _uploads(upload: Callable[[Request], Awaitable[Response]]) -> list[Route]:
    return [Route(f"{prefix}/upload-artifact", upload, methods=["POST"]) for prefix in PREFIXES]


def _pages() -> list[Route]:
    pages = UiFiles()
    packed = [Middleware(GZipMiddleware)]
    return [Route(path, pages.__call__, middleware=packed) for path in ("/", "/{path:any}")]


def _off(why: str) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for something that is switched off."""

    async def refuse(request: Request) -> Response:
        return await _on_error(request, EndpointNotFound(why))

    return refuse


class _Dispatch:
    """Sends the API's paths directly to the API; Starlette's router, which is slower, serves the few others."""

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
    in_parts = context.artifacts.proxied.direct is not None
    body = encode(ServerInfo(multipart_uploads_enabled=in_parts, recognises_repetitions=True))

    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    return answer
