"""Ports for the servers that tests start."""

from __future__ import annotations

import itertools
import os
import random
from contextlib import suppress

from mlyard.core.errors import InvalidParameter
from mlyard.hosting.network import listen
from tools.stack.s3 import SIBLING

# Below the ports that the system gives to outgoing connections, which could take one before its server has it.
_FIRST, _PER_WORKER, _WORKERS = 10_000, 2_000, 5


_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
_base = _FIRST + _worker * _PER_WORKER
# Another session may run on this machine: each starts somewhere else.
_turns = itertools.count(random.SystemRandom().randrange(_PER_WORKER))


def free_port() -> int:
    """A port that nobody listens on, nor on its sibling, and that no other worker gets."""
    for turn in itertools.islice(_turns, _PER_WORKER):
        port = _base + turn % _PER_WORKER
        with suppress(InvalidParameter), listen("127.0.0.1", port), listen("127.0.0.1", port + SIBLING):
            return port
    raise AssertionError(f"no free port from {_base} to {_base + _PER_WORKER}")
