"""Adding to a tag that holds a list, on any server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from mlyard.core.errors import MlyardError
from mlyard.core.forks import Own
from mlyard.domain.list_tags import with_entry

_UNKNOWN_THERE = (404, 405, 501)
_lock = Own(threading.Lock)


def add(
    by_server: Callable[[], object],
    read: Callable[[], Mapping[str, str]],
    write: Callable[[str], object],
    key: str,
    entry: Mapping[str, Any],
) -> None:
    """Let the server add the entry. If it cannot, as MLflow's, read and write the tag.

    Then the threads of this process lose none of each other's entries, but another process may.
    """
    try:
        by_server()
    except MlyardError as error:
        if error.status not in _UNKNOWN_THERE:
            raise
    else:
        return
    with _lock.get():
        tags = read()
        longer = with_entry(tags, key, entry)
        if longer != tags.get(key, ""):
            write(longer)
