"""Requests that wait while the model is busy go into it together.

There is no timer: what has come in while the event loop read its sockets, or while the model worked on
the batch before, is the next batch. A request that comes alone does not wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import msgspec
import numpy as np

Outcome = list[Any] | Exception
_MAX_ROWS = 256


class _Item(msgspec.Struct, gc=False):
    matrix: np.ndarray
    future: asyncio.Future[list[Any]]


class MicroBatches:
    """Calls ``predict`` with the rows of several requests at once; each gets the answers to its own rows.

    Belongs to one event loop. A batch that fails is tried again request by request, so that an input
    which the model cannot take fails alone. ``most`` 1 switches batches off; larger inputs go alone.
    """

    def __init__(
        self,
        predict: Callable[[np.ndarray], Any],
        threads: Executor,
        observe: Callable[[int], None],
        most: int = _MAX_ROWS,
    ) -> None:
        self._predict = predict
        self._threads = threads
        self._observe = observe
        self._most = most
        self._waiting: deque[_Item] = deque()
        self._busy = False

    @property
    def waiting(self) -> int:
        """How many requests wait for the batch before theirs."""
        return len(self._waiting)

    def add(self, matrix: np.ndarray) -> asyncio.Future[list[Any]]:
        """The answers to come, one for each row."""
        loop = asyncio.get_running_loop()
        item = _Item(matrix, loop.create_future())
        if len(matrix) >= self._most:
            self._submit([item], alone=True)
            return item.future
        self._waiting.append(item)
        if not self._busy:
            self._busy = True
            loop.call_soon(self._next)
        return item.future

    def go_on(self) -> None:
        """Do not wait for the running batch any longer: it has taken more time than a request has."""
        self._next()

    def _next(self) -> None:
        batch: list[_Item] = []
        rows = 0
        while self._waiting and (not batch or rows + len(self._waiting[0].matrix) <= self._most):
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
    """For each matrix its rows' predictions, or what the model raised on it alone."""
    if len(matrices) == 1:
        try:
            return [predict(matrices[0]).tolist()]
        except Exception as error:  # noqa: BLE001 - whatever a model raises is its request's outcome
            return [error]
        except BaseException as error:  # noqa: BLE001 - sys.exit() too
            return [RuntimeError(f"The model raised {error!r}")]
    (together,) = answers(predict, [np.concatenate(matrices)])
    ends = np.cumsum([len(matrix) for matrix in matrices]).tolist()
    if isinstance(together, Exception) or len(together) != ends[-1]:
        return [answers(predict, [matrix])[0] for matrix in matrices]
    return [together[start:end] for start, end in zip([0, *ends], ends, strict=False)]
