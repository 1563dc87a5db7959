"""Combines requests that wait while the model is busy into one call of the model.

There is no timer. Requests that arrived while the event loop read its sockets, or while the model worked on the
previous batch, form the next batch. A request that arrives alone does not wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import msgspec
import numpy as np

from mlyard.models.body.write import rows_of

Outcome = Any
"""The predictions, one for each row, or an Exception."""
_MAX_ROWS = 256


class _Item(msgspec.Struct, gc=False):
    matrix: np.ndarray
    future: asyncio.Future[Any]


class MicroBatcher:
    """Calls ``predict`` with the rows of several requests at once; each request gets the predictions of its rows.

    Belongs to one event loop. A failed batch is repeated request by request, so that an input that the model cannot
    take fails alone. ``max_rows``: maximum size of a batch. A request of that size goes to the model alone, so 1
    switches batching off.
    """

    def __init__(
        self,
        predict: Callable[[np.ndarray], Any],
        threads: Executor,
        observe: Callable[[int], None],
        max_rows: int = _MAX_ROWS,
    ) -> None:
        self._predict = predict
        self._threads = threads
        self._observe = observe
        self._max_rows = max_rows
        self._waiting: deque[_Item] = deque()
        self._busy = False

    @property
    def waiting(self) -> int:
        """The number of requests that wait for the running batch."""
        return len(self._waiting)

    def add(self, matrix: np.ndarray) -> asyncio.Future[Any]:
        """Queue a request; the future gets one prediction for each row."""
        loop = asyncio.get_running_loop()
        item = _Item(matrix, loop.create_future())
        if len(matrix) >= self._max_rows:
            self._submit([item], alone=True)
            return item.future
        self._waiting.append(item)
        if not self._busy:
            self._busy = True
            loop.call_soon(self._next)
        return item.future

    def stop_waiting(self) -> None:
        """Start the next batch now, because the running one takes longer than a request's timeout."""
        self._next()

    def _next(self) -> None:
        batch: list[_Item] = []
        rows = 0
        while self._waiting and (not batch or rows + len(self._waiting[0].matrix) <= self._max_rows):
            item = self._waiting.popleft()
            if not item.future.done():
                batch.append(item)
                rows += len(item.matrix)
        self._busy = bool(batch)
        if batch:
            self._submit(batch)

    def _submit(self, batch: list[_Item], *, alone: bool = False) -> None:
        self._observe(sum(len(item.matrix) for item in batch))
        loop = asyncio.get_running_loop()

        def work() -> None:
            outcomes = answers(self._predict, [item.matrix for item in batch])
            loop.call_soon_threadsafe(self._deliver, batch, outcomes, alone)

        self._threads.submit(work)

    def _deliver(self, batch: list[_Item], outcomes: list[Outcome], alone: bool) -> None:
        for item, outcome in zip(batch, outcomes, strict=True):
            if item.future.done():
                continue
            if isinstance(outcome, Exception):
                item.future.set_exception(outcome)
            else:
                item.future.set_result(outcome)
        if not alone:
            self._next()


def answers(predict: Callable[[np.ndarray], Any], matrices: list[np.ndarray]) -> list[Outcome]:
    """For each matrix its predictions, or the error that the model raised for this matrix alone."""
    if len(matrices) == 1:
        try:
            return [rows_of(predict(matrices[0]))]
        except Exception as error:  # noqa: BLE001 - any error of the model is the outcome of its request
            return [error]
        except BaseException as error:  # noqa: BLE001 - sys.exit() too
            return [RuntimeError(f"The model raised {error!r}")]
    (together,) = answers(predict, [np.concatenate(matrices)])
    ends = np.cumsum([len(matrix) for matrix in matrices]).tolist()
    if isinstance(together, Exception) or len(together) != ends[-1]:
        return [answers(predict, [matrix])[0] for matrix in matrices]
    return [together[start:end] for start, end in zip([0, *ends], ends, strict=False)]
