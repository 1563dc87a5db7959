"""How this process ends: the status that its active runs get.

Nothing is installed before the first run starts.
"""

from __future__ import annotations

import dis
import signal
import sys
import threading
from collections.abc import Callable
from functools import wraps
from types import FrameType
from typing import Any

from mlyard.core import forks
from mlyard.core.log import logger
from mlyard.domain.runs import FAILED, FINISHED, KILLED

_log = logger("client.endings")

# Their default action ends the process at once. After SIGINT, Python raises KeyboardInterrupt.
_DEADLY = ("SIGTERM", "SIGHUP")
_SECONDS_TO_END = 10.0

_watching = False
_program: FrameType | None = None  # the outermost frame of the main thread
_exit_code: Any = None
_handlers: dict[int, Callable[[int, FrameType | None], None]] = {}


def watch(end_runs: Callable[[str], None], end_runs_of_thread: Callable[[str], None]) -> None:
    """Note how the process ends from now on, and end runs before it does.

    A handler that the program has set stays, and so does an ignored signal. Only the main thread can set handlers.

    Args:
        end_runs: Ends all runs of the process with the status KILLED, before a signal ends the process.
        end_runs_of_thread: Ends the runs of the current thread with a status, before an error ends the thread.
    """
    global _watching
    if not _watching:
        _watching = True
        _note_exit(end_runs_of_thread)
    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name) for name in _DEADLY if hasattr(signal, name)):
            if signal.getsignal(number) is signal.SIG_DFL:
                _handlers[number] = lambda sent, _: _die_of(sent, end_runs)
                signal.signal(number, _handlers[number])


def _note_exit(end_runs_of_thread: Callable[[str], None]) -> None:
    global _program
    _program = _outermost_frame()
    sys.exit = _noting(sys.exit)
    _note_quitters()
    report = threading.excepthook

    def end_thread(args: threading.ExceptHookArgs) -> None:
        end_runs_of_thread(status_after(args.exc_value))
        report(args)

    threading.excepthook = end_thread


@forks.in_child
def _forget() -> None:
    """A child has no runs to end yet. Until it has, signals end it at once, even in the middle of a call of C code."""
    global _exit_code
    _exit_code = None
    for number, handler in _handlers.items():
        if signal.getsignal(number) is handler:
            signal.signal(number, signal.SIG_DFL)
    _handlers.clear()


def status_at_exit() -> str:
    """The status of runs that are active when the program has ended: it returned, raised an error, or exited."""
    error = sys.exc_info()[1]  # of a worker of multiprocessing
    if error is None and _program is not None and not _has_returned(_program):
        error = getattr(sys, "last_value", None) or SystemExit(_exit_code)
    return status_after(error)


def status_after(error: BaseException | None) -> str:
    """The status of a run after what ended its block, thread or process."""
    if isinstance(error, KeyboardInterrupt):
        return KILLED
    return FINISHED if error is None or (isinstance(error, SystemExit) and not error.code) else FAILED


def _outermost_frame() -> FrameType | None:
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame and frame.f_back:
        frame = frame.f_back
    return frame


def _has_returned(frame: FrameType) -> bool:
    """Whether a frame that has ended returned. Otherwise, an exception left it, perhaps that of ``sys.exit``."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN")


def _noting(leave: Callable[..., Any]) -> Any:
    """Python forgets the code of SystemExit before it calls the functions of ``atexit``."""

    @wraps(leave)
    def noted(*args: Any, **kwargs: Any) -> Any:
        global _exit_code
        if threading.current_thread() is threading.main_thread():  # elsewhere, only the thread ends
            _exit_code = next(iter((*args[-1:], *kwargs.values())), None)
        return leave(*args, **kwargs)

    return noted


def _note_quitters() -> None:
    """``exit()`` and ``quit()``; Python has none when it runs without the module ``site``."""
    builtins = sys.modules.get("_sitebuiltins")
    if builtins:
        leave = builtins.Quitter.__call__

        def noted(self: Any, code: Any = None) -> Any:
            return _noting(lambda code: leave(self, code))(code)

        builtins.Quitter.__call__ = noted


def _die_of(number: int, end_runs: Callable[[str], None]) -> None:
    """End the runs, then the process by the signal, so that its parent sees what it died of.

    The main thread may have been interrupted while it held a lock, so another thread ends the runs, and is not waited
    for without a limit. Runs that it leaves are ended when their lease is over.
    """
    signal.signal(number, signal.SIG_IGN)  # some supervisors send a signal twice
    ending = threading.Thread(target=end_runs, args=(KILLED,), name="mlyard-ending", daemon=True)
    try:
        ending.start()
        ending.join(_SECONDS_TO_END)
    except RuntimeError as error:  # no thread can be started when Python is shutting down
        _log.debug("The active runs could not be ended: %s", error)
    finally:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
