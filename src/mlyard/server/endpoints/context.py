"""What handlers share: the context that they are given, and the table that they are kept in."""

from __future__ import annotations

from collections.abc import Callable
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


class Handlers:
    """Route to handler; a handler takes the context and a request and gives the answer."""

    def __init__(self) -> None:
        self._table: dict[int, Callable[[Context, Any], Message]] = {}

    def add(self, route: Route[Req, Res], handler: Callable[[Context, Req], Res]) -> None:
        """Set the handler of a route."""
        self._table[id(route)] = handler

    def of(self, route: Route[Any, Any]) -> Callable[[Context, Any], Message]:
        """The handler of a route. A route without one is a fault of ours (KeyError)."""
        return self._table[id(route)]
