"""What happens at a fork: the one place that knows (ADR 0022).

A forked child has its parent's memory and open files, but only one of its threads. So connections, threads and locks
belong to the process that made them:

- ``Own`` holds a value that each process makes for itself, such as a pool of connections.
- ``cached`` is a cache whose values each process makes for itself.
- ``in_child`` registers a function that renews state of a module in a forked child.
- ``undisturbed`` is for work that no fork may interrupt.
- ``start`` forks a child.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
import weakref
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Undisturbed:
    """``with undisturbed:`` a fork by another thread waits for the end of the block. Blocks may be nested."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._blocks = 0  # of all threads
        self._forking = False
        self._of_thread = threading.local()

    def __enter__(self) -> None:
        mine = self._mine
        with self._changed:
            while self._forking and not mine:
                self._changed.wait()
            self._blocks += 1
        self._of_thread.blocks = mine + 1

    def __exit__(self, *_: object) -> None:
        self._of_thread.blocks -= 1
        with self._changed:
            self._blocks -= 1
            if self._forking:
                self._changed.notify_all()

    @property
    def _mine(self) -> int:
        return int(getattr(self._of_thread, "blocks", 0))

    def pause(self) -> None:
        """Let no other thread begin a block, and wait for those that have begun."""
        with self._changed:
            while self._forking:
                self._changed.wait()
            self._forking = True
            while self._blocks > self._mine:
                self._changed.wait()

    def resume(self) -> None:
        """Let blocks begin again."""
        with self._changed:
            self._forking = False
            self._changed.notify_all()

    def renew(self) -> None:
        """Forget the threads that a forked child does not have."""
        self._changed = threading.Condition()
        self._blocks, self._forking = self._mine, False


class Own(Generic[T]):
    """A value that each process makes for itself, when it first needs it.

    A forked child does not touch its parent's value, not even to close it.
    """

    def __init__(self, make: Callable[[], T], before_fork: Callable[[T], None] | None = None) -> None:
        """``before_fork`` gets the value in a process that is about to fork, while no block is ``undisturbed``."""
        self._make = make
        self._before_fork = before_fork
        self._lock = threading.Lock()
        self._made: list[T] = []
        _owned.add(self)

    def get(self) -> T:
        """This process's value."""
        made = self._made
        if not made:
            with self._lock:
                if not made:
                    made.append(self._make())
        return made[0]

    def existing(self) -> T | None:
        """This process's value, if it has been made."""
        return self._made[0] if self._made else None

    def prepare(self) -> None:
        """Prepare the value for a fork."""
        if self._before_fork and self._made:
            self._before_fork(self._made[0])

    def renew(self) -> None:
        """Leave the value to the parent."""
        self._lock = threading.Lock()
        if self._made:
            _of_parents.append(self._made)
            self._made = []


def cached(maxsize: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Like ``functools.lru_cache``, for values that a forked child must not share with its parent."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        cache = Own(lambda: lru_cache(maxsize)(function))

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            return cache.get()(*args, **kwargs)  # type: ignore[arg-type]  # lru_cache takes what can be hashed

        return call

    return decorate


def start(work: Callable[[], int]) -> int:
    """Fork a child that does ``work`` and exits with the status that it returns; the child's id.

    The child never goes on with its parent's code: if ``work`` raises, the child prints the error and exits with 1.
    """
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        status = work()
    except BaseException:  # noqa: BLE001 - the process ends here
        traceback.print_exc()
    finally:
        os._exit(status)


def in_child(renew: Callable[[], None]) -> Callable[[], None]:
    """Call a function in each forked child before anything else runs there. Can be used as a decorator."""
    _renewals.append(renew)
    return renew


undisturbed = Undisturbed()
_owned: weakref.WeakSet[Own[Any]] = weakref.WeakSet()
_renewals: list[Callable[[], None]] = []
# Values of parents are kept, because the end of a connection may say good-bye to the other side.
_of_parents: list[Any] = []


_held: set[int] = set()
# Python forgets the signals that a child gets before it has begun, and a child that is told to end would go on.
_ENDING = (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))


def _before() -> None:
    undisturbed.pause()
    _held.update(signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING))
    for own in list(_owned):
        own.prepare()


def _in_parent() -> None:
    _release()
    undisturbed.resume()


def _in_child() -> None:
    undisturbed.renew()
    for own in list(_owned):
        own.renew()
    for renew in _renewals:
        renew()
    _release()


def _release() -> None:
    """Deliver the signals that came during the fork."""
    before = set(_held)
    _held.clear()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


if hasattr(os, "register_at_fork"):  # systems without it do not fork
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
