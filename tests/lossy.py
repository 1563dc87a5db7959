"""A place between a client and a server where answers get lost."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Lossy:
    """Passes bytes on between clients and a server. Once armed, it cuts the connection instead of the next answer.

    So the server has done what it was asked to do, and the client does not know.
    """

    def __init__(self, port: int, answer: bytes = b"", own_port: int = 0) -> None:
        """``port``: the server's. ``answer``: what only those bytes have that are to get lost. Default: any bytes.

        ``own_port``: where it listens. Default: any.
        """
        self._armed = threading.Event()
        self._skip = 0
        self._is_last = False
        self._target, self._answer = port, answer
        self._listener = socket.create_server(("127.0.0.1", own_port))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_next(self, skip: int = 0, *, is_last: bool = False) -> None:
        """Lose the next answer, or the one after the next ``skip``. ``is_last``: nobody gets through afterwards."""
        self._skip, self._is_last = skip, is_last
        self._armed.set()

    @property
    def is_armed(self) -> bool:
        """Whether an answer is still to get lost."""
        return self._armed.is_set()

    def take_back(self) -> bool:
        """Lose nothing any more. Returns whether no answer has got lost since ``lose_next``."""
        was_armed = self._armed.is_set()
        self._armed.clear()
        return was_armed

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):  # it is closed already
            self._listener.shutdown(socket.SHUT_RDWR)  # which ends a wait for clients
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        try:
            while data := source.recv(65536):
                if is_answer and self._answer in data and self._loses():
                    break
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        source.close()  # the other direction closes the other end

    def _loses(self) -> bool:
        if not self._armed.is_set():
            return False
        if self._skip:
            self._skip -= 1
            return False
        if self._is_last:
            self.close()
        self._armed.clear()
        return True


@contextmanager
def lossy(port: int, answer: bytes = b"") -> Iterator[Lossy]:
    """A lossy place before a server of this machine."""
    place = Lossy(port, answer)
    try:
        yield place
    finally:
        place.close()
