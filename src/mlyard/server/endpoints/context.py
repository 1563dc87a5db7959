"""What handlers share: the context that they are given, and the table that they are kept in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from mlyard.ports.store import Store
from mlyard.services.artifact_access import ArtifactAccess
from mlyard.wire.message import Message
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


class Handlers:
    """Route to handler; a handler takes the context and a request and gives the answer."""

    def __init__(self) -> None:
        self._table: dict[int, Handler] = {}

    def add(self, route: Route[Req, Res], handler: Callable[[Context, Req], Res | Stream]) -> None:
        """Set the handler of a route."""
        self._table[id(route)] = handler

    def of(self, route: Route[Any, Any]) -> Handler:
        """The handler of a route. A route without one is a fault of ours (KeyError)."""
        return self._table[id(route)]
