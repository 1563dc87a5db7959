"""Turns the body of a request into the body of its answer: by the matrix path if possible, else the general one."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from mlyard.core.errors import MlyardError, TemporarilyUnavailable
from mlyard.core.log import logger
from mlyard.models.body.content_type import ContentType
from mlyard.models.body.read import read_body
from mlyard.models.body.write import write_predictions
from mlyard.models.pyfunc import PyFuncModel
from mlyard.scoring.matrices import MatrixReader
from mlyard.scoring.metrics import Metrics
from mlyard.scoring.micro_batches import MicroBatcher

THREADS = 40
"""Concurrent calls of a model, as many as MLflow's server makes: a model may wait for other services."""
_LARGE_BODY = 1024 * 1024
"""Matrices of at least this size are decoded in a thread; for smaller ones the hand-over costs more than decoding."""
_log = logger("scoring")


class ScoringOptions(msgspec.Struct, frozen=True):
    """Options of a scoring server.

    ``timeout``: maximum seconds for one request. ``batch``: whether waiting requests are passed to the model
    together, if the model supports it. ``queue``: maximum number of unanswered requests in one process.
    ``max_body``: maximum size of a body in bytes.
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
    """The model took longer than the timeout of a request."""

    error_code = "DEADLINE_EXCEEDED"
    status = 504


class Scoring:
    """Answers requests with the predictions of one model, for one event loop."""

    _reader: MatrixReader | None = None
    """Set for models that take a matrix, together with ``_predict`` and ``_batcher``."""

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
            limit = {} if options.batch else {"max_rows": 1}
            self._batcher = MicroBatcher(path.predict, self._threads, metrics.batch, **limit)

    def admit(self) -> None:
        """Admit a request. Raises TemporarilyUnavailable when too many are unanswered."""
        if self._admitted >= self._options.queue:
            raise TemporarilyUnavailable(f"{self._admitted} requests already wait for the model. Try again later.")
        self._admitted += 1

    def dismiss(self) -> None:
        """End an admitted request, so that another one can be admitted."""
        self._admitted -= 1

    async def answer(self, body: bytes, kind: ContentType) -> bytes:
        """The predictions as JSON. Raises InvalidParameter, ModelRefused, ModelTimeout, MlyardError."""
        if self._reader is not None and len(body) < _LARGE_BODY:
            matrix = self._reader.read(body, kind)
            if matrix is not None and len(matrix):
                return write_predictions(await self._within(self._batcher.add(matrix)), bare=kind.form is not None)
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
            # The message is for the caller, who sent data that the model cannot take. It contains no traceback.
            _log.warning("The model refused its input: %s", error)
            raise ModelRefused(f"The model cannot take this input: {error}") from None
        except Exception as error:  # noqa: BLE001 - no error of a model may stop the server
            _log.error("The model failed", exc_info=error)
            raise MlyardError("The model failed on this input. See the server's log for details.") from None
        finally:
            timer.cancel()
            self._count_waiting()

    def _expire(self, call: asyncio.Future[Any], expired: asyncio.Event) -> None:
        if call.cancel():
            expired.set()
            if self._reader is not None:
                self._batcher.stop_waiting()

    def _count_waiting(self) -> None:
        batched = self._batcher.waiting if self._reader is not None else 0
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
                return write_predictions(self._predict(matrix), bare=kind.form is not None)
        payload = read_body(body, kind, self._model.signature)
        return write_predictions(self._model.answer(payload), bare=payload.bare)
