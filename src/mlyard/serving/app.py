"""The scoring server as an ASGI application."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mlyard.core.errors import BodyTooLarge, MlyardError, TemporarilyUnavailable
from mlyard.core.log import logger
from mlyard.core.version import MLFLOW_VERSION
from mlyard.models.pyfunc import PyFuncModel
from mlyard.serving.payload import read_payload, write_predictions
from mlyard.wire.errors import encode_error

MAX_BODY = 100 * 1024 * 1024
_log = logger("serving")


def create_app(model: PyFuncModel, timeout: float) -> Starlette:
    """A server of one loaded model; ``timeout`` in seconds for each request."""

    async def invocations(request: Request) -> Response:
        body = await _body(request)
        work = run_in_threadpool(_predict, model, body, request.headers.get("content-type", ""))
        try:
            answer = await asyncio.wait_for(work, timeout)
        except asyncio.TimeoutError:
            raise TemporarilyUnavailable(f"The model did not answer within {timeout:g} seconds.") from None
        return Response(answer, media_type="application/json")

    routes = [
        Route("/invocations", invocations, methods=["POST"]),
        Route("/ping", _ping),
        Route("/health", _ping),
        Route("/version", _version),
    ]
    return Starlette(routes=routes, exception_handlers={MlyardError: _on_error})


def _predict(model: PyFuncModel, body: bytes, content_type: str) -> bytes:
    payload = read_payload(body, content_type)
    try:
        predictions = model.predict(payload.data, payload.params)
    except MlyardError:
        raise
    except (ValueError, TypeError) as error:
        # What a model says of data that it cannot take is for the caller: it holds no trace.
        _log.warning("The model refused its input: %s", error)
        raise ModelRefused(f"The model cannot take this input: {error}") from None
    except Exception:  # noqa: BLE001 - a model is code of its user: whatever it raises, the server goes on
        _log.exception("The model failed")
        raise MlyardError("The model failed on this input; the server's log has the details.") from None
    return write_predictions(predictions, bare=payload.bare)


class ModelRefused(MlyardError):
    """The model raised an error about the values or types of its input."""

    error_code = "BAD_REQUEST"
    status = 400


async def _body(request: Request) -> bytes:
    too_large = BodyTooLarge(f"The request's body is over the limit of {MAX_BODY} bytes. Send fewer rows at once.")
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > MAX_BODY:
        raise too_large
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise too_large
    except ClientDisconnect:
        raise ModelRefused("The client went away before its request was whole.") from None
    return bytes(body)


async def _ping(_: Request) -> Response:
    return PlainTextResponse("\n")


async def _version(_: Request) -> Response:
    return PlainTextResponse(MLFLOW_VERSION)


async def _on_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, MlyardError)
    return Response(encode_error(error), status_code=error.status, media_type="application/json")
