"""Answers the waiting requests of one route together, in one call of the store.

Nobody waits for a timer. Requests that arrived while the event loop read its sockets, or while others were answered,
form the next group. A request that arrives alone does not wait. Each group costs one switch to a thread and back, and
a fixed number of statements.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, NamedTuple

from mlyard.core.errors import TemporarilyUnavailable

Outcome = Any
"""The answer to a request, or an Exception."""
_MAX_GROUP = 64
_GROUPS = 2
"""Groups that are answered at the same time, so that one large answer does not stop all others."""


class _Item(NamedTuple):
    request: Any
    future: asyncio.Future[Any]


class Gathering:
    """The waiting requests of one route. Belongs to one event loop."""

    def __init__(self, answer: Callable[[Sequence[Any]], Sequence[Outcome]], threads: Executor) -> None:
        """``answer`` returns an answer or an exception for each request, or raises if the whole group failed."""
        self._answer = answer
        self._threads = threads
        self._waiting: list[_Item] = []
        self._free = _GROUPS
        self._planned = False

    def add(self, request: Any) -> asyncio.Future[Any]:
        """Queue a request; the future gets its answer."""
        loop = asyncio.get_running_loop()
        item = _Item(request, loop.create_future())
        self._waiting.append(item)
        if self._free and not self._planned:
            self._planned = True
            loop.call_soon(self._next)
        return item.future

    def _next(self) -> None:
        self._planned = False
        group, self._waiting = self._waiting[:_MAX_GROUP], self._waiting[_MAX_GROUP:]
        if group:
            self._free -= 1
            self._threads.submit(self._work, asyncio.get_running_loop(), group)

    def _work(self, loop: asyncio.AbstractEventLoop, group: list[_Item]) -> None:
        outcomes = self._outcomes([item.request for item in group])
        loop.call_soon_threadsafe(self._deliver, group, outcomes)

    def _outcomes(self, requests: Sequence[Any]) -> Sequence[Outcome]:
        """Of a group that fails as a whole, each request is answered alone, so that only the bad one fails."""
        try:
            return self._answer(requests)
        except Exception as error:  # noqa: BLE001 - any error is the outcome of its request
            if len(requests) == 1 or isinstance(error, TemporarilyUnavailable):
                return [error] * len(requests)
            return [self._outcomes([request])[0] for request in requests]

    def _deliver(self, group: list[_Item], outcomes: Sequence[Outcome]) -> None:
        self._free += 1
        for item, outcome in zip(group, outcomes, strict=True):
            if item.future.done():
                continue
            if isinstance(outcome, Exception):
                item.future.set_exception(outcome)
            else:
                item.future.set_result(outcome)
        self._next()
