"""Brings results from other threads to the event loop, all those that are ready at once.

asyncio.wrap_future wakes the event loop for each of them. When the store's writer ends a group of writes, the two
threads would take turns with each result.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future
from functools import partial
from typing import Any


class Deliveries:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._ready: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._planned = False

    def expect(self, submitted: Future[Any]) -> asyncio.Future[Any]:
        """A future of the event loop with the same result."""
        loop = asyncio.get_running_loop()
        waiting = loop.create_future()
        submitted.add_done_callback(partial(self._add, loop, waiting))
        return waiting

    def _add(self, loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[Any], done: Future[Any]) -> None:
        """Called by the thread that has the result."""
        self._ready.append((waiting, done))
        if not self._planned:
            self._planned = True
            loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._planned = False  # before looking, so that what is added meanwhile is delivered now or next time
        while self._ready:
            waiting, done = self._ready.popleft()
            if waiting.done():
                continue
            error = done.exception()
            if error is None:
                waiting.set_result(done.result())
            else:
                waiting.set_exception(error)
