"""What the handlers of all endpoints share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from anyio import CapacityLimiter

from mlyard.core.errors import MlyardError
from mlyard.ports.runs import SupportsSubmit
from mlyard.ports.store import Store
from mlyard.services.artifact_access import ArtifactAccess
from mlyard.wire.message import Message
from mlyard.wire.routes import Route

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)
T = TypeVar("T")
_UPLOADS = 200
"""Each may have two blocks in memory."""


@dataclass(frozen=True)
class Context:
    """The store and the artifacts of the server.

    ``uploads`` limits the threads of large uploads. These threads wait for their clients, so nothing else uses them.
    """

    store: Store
    artifacts: ArtifactAccess
    uploads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_UPLOADS))

    @cached_property
    def submitting_runs(self) -> SupportsSubmit | None:
        """The store's runs, if they can be written to without waiting."""
        return self.store.runs if isinstance(self.store.runs, SupportsSubmit) else None


@dataclass(frozen=True)
class Stream:
    """An answer that may not fit in memory, in chunks."""

    chunks: Iterator[bytes]
    media_type: str = "application/json"


Handler = Callable[["Context", Any], Message | Stream]


class QuickHandler(NamedTuple):
    """A handler that never waits. ``answer`` makes the answer of what its future returns."""

    submit: Callable[[Context, Any], Future[Any] | None]
    answer: Callable[[Any], Message]


ManyHandler = Callable[[Sequence[Any]], Sequence[Message | MlyardError]]


class Handlers:
    """The handlers of the routes. A handler takes the context and a request, and returns the answer.

    A route may have a second, quick handler that never waits, so that it can run in the event loop. It returns
    a future, or None to leave this request to the first handler.

    A route may instead have a handler that answers many requests at once, if the store supports it.
    """

    def __init__(self) -> None:
        self._handlers: dict[Route[Any, Any], Handler] = {}
        self._quick: dict[Route[Any, Any], QuickHandler] = {}
        self._many: dict[Route[Any, Any], Callable[[Context], ManyHandler | None]] = {}

    def add_quick(
        self, route: Route[Req, Res], submit: Callable[[Context, Req], Future[T] | None], answer: Callable[[T], Res]
    ) -> None:
        """Set the quick handler of a route. ``answer`` makes the answer of what the future returns."""
        self._quick[route] = QuickHandler(submit, answer)

    def quick_of(self, route: Route[Any, Any]) -> QuickHandler | None:
        """The quick handler of a route, if it has one."""
        return self._quick.get(route)

    def add_many(
        self,
        route: Route[Req, Res],
        make: Callable[[Context], Callable[[Sequence[Req]], Sequence[Res | MlyardError]] | None],
    ) -> None:
        """Set what makes a route's handler of many requests. It returns None if the store does not support that."""
        self._many[route] = make

    def many_of(self, route: Route[Any, Any], context: Context) -> ManyHandler | None:
        """A route's handler of many requests, if it has one for this store."""
        make = self._many.get(route)
        return make(context) if make else None

    def add(self, route: Route[Req, Res], handler: Callable[[Context, Req], Res | Stream]) -> None:
        """Set the handler of a route."""
        self._handlers[route] = handler

    def of(self, route: Route[Any, Any]) -> Handler:
        """The handler of a route. Each route must have one (KeyError)."""
        return self._handlers[route]
