"""What a command prints: shown at once, and kept in a file that is uploaded again and again while it grows."""

from __future__ import annotations

import codecs
import os
import selectors
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import IO, TextIO

from mlyard.core.errors import MlyardError
from mlyard.core.log import logger

_PIECE = 64 * 1024
# Seconds between uploads: short for a small file, and long for one that takes long to upload.
_SHORTEST, _TIMES = 1.0, 20.0
_log = logger("projects")


class Output:
    """Copies a command's two streams into one file until both are closed; and, unless quiet, to this process's own."""

    def __init__(self, output: IO[bytes], errors: IO[bytes], file: Path, *, quiet: bool = False) -> None:
        self._quiet, self._failed = quiet, False
        self._streams = {output: Shown(lambda: sys.stdout), errors: Shown(lambda: sys.stderr)}
        self._file = file
        self._thread = threading.Thread(target=self._copy, name="mlyard-project-output", daemon=True)
        self._thread.start()

    def join(self, seconds: float | None = None) -> bool:
        """Wait until all processes have closed their ends; False if they have not done so in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _copy(self) -> None:
        with selectors.DefaultSelector() as selector, self._file.open("ab", buffering=0) as kept:
            for stream, shown in self._streams.items():
                selector.register(stream, selectors.EVENT_READ, shown)
            while selector.get_map():
                for key, _ in selector.select():
                    piece = os.read(key.fd, _PIECE)
                    if not piece:
                        selector.unregister(key.fileobj)
                    self._keep(kept, piece)
                    if not self._quiet:
                        key.data.write(piece)

    def _keep(self, kept: FileIO, piece: bytes) -> None:
        """Append to the file. If the disk is full, the command still goes on: it must not wait for a reader."""
        try:
            kept.write(piece)
        except OSError as error:
            if not self._failed:
                _log.warning("The output of the project cannot be kept: %s", error)
            self._failed = True


class Shown:
    """One of this process's streams. It takes bytes, or text where a notebook has replaced it."""

    def __init__(self, stream: Callable[[], TextIO | None]) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, piece: bytes) -> None:
        """Write a piece at once. It is lost if nobody reads the stream any more."""
        stream = self._stream()
        if stream is None:  # a program without a terminal
            return
        try:
            if hasattr(stream, "buffer"):
                stream.flush()
                stream.buffer.write(piece)
            else:
                stream.write(self._decoder.decode(piece))
            stream.flush()
        except BrokenPipeError:  # nobody reads it any more, as after `| head`; the file has it
            with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nothing:
                os.dup2(nothing.fileno(), stream.fileno())  # otherwise Python fails when it ends
        except (OSError, ValueError):
            pass


class LiveArtifact:
    """Uploads a growing file, so that it can be looked at while the command runs."""

    def __init__(self, file: Path, upload: Callable[[Path], None]) -> None:
        self._file, self._upload = file, upload
        self._ended = threading.Event()
        self._size = -1
        self._thread = threading.Thread(target=self._repeat, name="mlyard-project-log", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Upload the whole file."""
        self._ended.set()
        self._thread.join()
        self._once()

    def _repeat(self) -> None:
        pause = _SHORTEST
        while not self._ended.wait(pause):
            before = time.monotonic()
            self._once()
            pause = max(_SHORTEST, _TIMES * (time.monotonic() - before))

    def _once(self) -> None:
        """Upload a copy, which does not grow meanwhile. A failure is reported, and harms nothing else."""
        try:
            size = self._file.stat().st_size
            if size == self._size:
                return
            with tempfile.TemporaryDirectory(prefix="mlyard-") as folder:
                copy = Path(folder) / self._file.name
                shutil.copyfile(self._file, copy)
                self._upload(copy)
            self._size = size
        # RuntimeError: the interpreter ends, and starts no more threads.
        except (MlyardError, OSError, RuntimeError) as error:
            _log.warning("The output of the project cannot be kept as an artifact: %s", error)
