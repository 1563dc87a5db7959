"""What handlers share: the context that they are given, and the table that they are kept in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from mlyard.ports.store import Store
from mlyard.services.artifact_access import ArtifactAccess
from mlyard.wire.message import Empty, Message
from mlyard.wire.routes import Route

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)


@dataclass(frozen=True)
class Context:
    """The store and the artifacts of this server."""

    store: Store
    artifacts: ArtifactAccess


@dataclass(frozen=True)
class Stream:
    """An answer that may not fit in memory: its JSON in pieces."""

    chunks: Iterator[bytes]


Handler = Callable[["Context", Any], Message | Stream]


QuickHandler = Callable[["Context", Any], "Future[None] | None"]


class Handlers:
    """Route to handler; a handler takes the context and a request and gives the answer.

    A quick handler never waits, so that it needs no thread: it gives what will be done, for an empty
    answer, or None to leave the request to the other.
    """

    def __init__(self) -> None:
        self._table: dict[int, Handler] = {}
        self._quick: dict[int, QuickHandler] = {}

    def add_quick(self, route: Route[Req, Empty], handler: Callable[[Context, Req], Future[None] | None]) -> None:
        """Set the quick handler of a route."""
        self._quick[id(route)] = handler

    def quick_of(self, route: Route[Any, Any]) -> QuickHandler | None:
        """The quick handler of a route, if it has one."""
        return self._quick.get(id(route))

    def add(self, route: Route[Req, Res], handler: Callable[[Context, Req], Res | Stream]) -> None:
        """Set the handler of a route."""
        self._table[id(route)] = handler

    def of(self, route: Route[Any, Any]) -> Handler:
        """The handler of a route. A route without one is a fault of ours (KeyError)."""
        return self._table[id(route)]
