"""From a request's body to the answer's: the matrix way where it goes, else the general one."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from mlyard.core.errors import MlyardError, TemporarilyUnavailable
from mlyard.core.log import logger
from mlyard.models.pyfunc import PyFuncModel
from mlyard.scoring.bodies import ContentType, MatrixReader
from mlyard.scoring.metrics import Metrics
from mlyard.scoring.micro_batches import MicroBatches
from mlyard.scoring.payload import read_payload, write_predictions

THREADS = 40
"""Calls of a model at once, as many as MLflow's server makes: models may wait for others."""
_LARGE_BODY = 1024 * 1024
"""Bytes from which on a body is decoded in a thread: below, that takes less than handing it over does harm."""
_log = logger("scoring")


class ScoringOptions(msgspec.Struct, frozen=True):
    """How a model is served.

    ``timeout``: seconds that a request may take. ``batch``: whether requests that wait go into the model
    together, where its kind allows it. ``queue``: requests in one process beyond which it refuses more.
    ``max_body``: bytes.
    """

    timeout: float = 60
    batch: bool = True
    queue: int = 1000
    max_body: int = 100 * 1024 * 1024


class ModelRefused(MlyardError):
    """The model raised an error about the values or types of its input."""

    error_code = "BAD_REQUEST"
    status = 400


class ModelTimeout(MlyardError):
    """The model took longer than a request may."""

    error_code = "DEADLINE_EXCEEDED"
    status = 504


class Scoring:
    """One model's predictions for one event loop."""

    _reader: MatrixReader | None = None
    """For models that take a matrix, and then there are ``_predict`` and ``_batches``."""

    def __init__(self, model: PyFuncModel, options: ScoringOptions, metrics: Metrics) -> None:
        self._model = model
        self._options = options
        self._metrics = metrics
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="model")
        self._general = 0
        self._admitted = 0
        path = model.matrix_path()
        if path:
            self._reader = MatrixReader(path)
            self._predict = path.predict
            most = {} if options.batch else {"most": 1}
            self._batches = MicroBatches(path.predict, self._threads, metrics.batch, **most)

    def admit(self) -> None:
        """Let one more request in. Raises TemporarilyUnavailable when too many wait."""
        if self._admitted >= self._options.queue:
            raise TemporarilyUnavailable(f"{self._admitted} requests wait for the model already. Try again in a while.")
        self._admitted += 1

    def dismiss(self) -> None:
        """A request that was let in has its answer."""
        self._admitted -= 1

    async def answer(self, body: bytes, kind: ContentType) -> bytes:
        """The predictions as JSON. Raises InvalidParameter, ModelRefused, ModelTimeout, MlyardError."""
        if self._reader is not None and len(body) < _LARGE_BODY:
            matrix = self._reader.read(body, kind)
            if matrix is not None and len(matrix):
                return _encode(await self._within(self._batches.add(matrix)), kind)
        self._general += 1
        try:
            call = asyncio.get_running_loop().run_in_executor(self._threads, self._score, body, kind)
            scored: bytes = await self._within(call)
            return scored
        finally:
            self._general -= 1

    async def _within(self, call: asyncio.Future[Any]) -> Any:
        expired = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(self._options.timeout, self._expire, call, expired)
        self._count_waiting()
        try:
            return await call
        except MlyardError:
            raise
        except asyncio.CancelledError:
            if expired.is_set():
                raise ModelTimeout(f"The model did not answer within {self._options.timeout:g} seconds.") from None
            raise
        except (ValueError, TypeError) as error:
            # What a model says of data that it cannot take is for the caller: it holds no trace.
            _log.warning("The model refused its input: %s", error)
            raise ModelRefused(f"The model cannot take this input: {error}") from None
        except Exception as error:  # noqa: BLE001 - a model is code of its user: whatever it raises, the server goes on
            _log.error("The model failed", exc_info=error)
            raise MlyardError("The model failed on this input; the server's log has the details.") from None
        finally:
            timer.cancel()
            self._count_waiting()

    def _expire(self, call: asyncio.Future[Any], expired: asyncio.Event) -> None:
        if call.cancel():
            expired.set()
            if self._reader is not None:
                self._batches.go_on()

    def _count_waiting(self) -> None:
        batched = self._batches.waiting if self._reader is not None else 0
        self._metrics.queue(batched + max(0, self._general - THREADS))

    def _score(self, body: bytes, kind: ContentType) -> bytes:
        try:
            return self._answer(body, kind)
        except Exception:
            raise
        except BaseException as error:
            raise RuntimeError(f"The model raised {error!r}") from error

    def _answer(self, body: bytes, kind: ContentType) -> bytes:
        if self._reader is not None and len(body) >= _LARGE_BODY:
            matrix = self._reader.read(body, kind)
            if matrix is not None:
                return _encode(self._predict(matrix).tolist(), kind)
        signature = self._model.signature
        payload = read_payload(body, kind, signature.inputs if signature else None)
        predictions = self._model.predict(payload.data, payload.params, from_json=not payload.typed)
        return write_predictions(predictions, bare=kind.form is not None)


def _encode(predictions: list[Any], kind: ContentType) -> bytes:
    return msgspec.json.encode(predictions if kind.form else {"predictions": predictions})
