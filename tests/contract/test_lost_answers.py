"""Every call of an artifact store on a server, with each answer of the server lost in turn: as if it had arrived.

``tests/wire/test_route_table.py`` does the same for the routes of the API.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from mlyard.artifacts.http import HttpArtifactStore
from mlyard.artifacts.in_parts import PART
from mlyard.core.errors import DoesNotExist
from mlyard.transport.session import Session
from tests.conftest import LiveServer
from tests.lossy import Lossy, lossy

LARGE = b"0123456789abcdef" * (PART // 16 + 1)


def read(store: HttpArtifactStore, path: str) -> bytes:
    with store.open(path) as artifact:
        return b"".join(artifact.chunks)


def bundle(store: HttpArtifactStore) -> None:
    assert store.bundles
    store.bundles.put_many({"a": b"1", "b": b"2"})


CALLS: dict[str, Callable[[HttpArtifactStore], object]] = {
    "put": lambda store: store.put("new", b"text"),
    "put over": lambda store: store.put("kept", b"text"),
    "put from an iterator": lambda store: store.put("new", iter([b"te", b"xt"])),
    "put in parts": lambda store: store.put("new", LARGE),
    "put_many": bundle,
    "delete": lambda store: store.delete("folder"),
    "list": lambda store: [file.path for file in store.list()],
}


def state(store: HttpArtifactStore, folder: str = "") -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for file in store.list(folder):
        files |= state(store, file.path) if file.is_dir else {file.path: read(store, file.path)}
    return files


def filled(url: str) -> HttpArtifactStore:
    store = HttpArtifactStore(Session(url), f"lost/{uuid.uuid4().hex}")
    for path in ("kept", "folder/file"):
        store.put(path, b"before")
    return store


@pytest.fixture(params=["server", "s3_backed_server"])
def proxy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lossy]:
    monkeypatch.setenv("MLYARD_HTTP_REQUEST_MAX_RETRIES", "2")
    live: LiveServer = request.getfixturevalue(request.param)
    with lossy(int(live.url.rpartition(":")[2])) as made:
        yield made


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_done_whichever_answer_is_lost(proxy: Lossy, call: str) -> None:
    undisturbed = filled(proxy.url)
    answer = CALLS[call](undisturbed)
    lost = 0
    while True:
        store = filled(proxy.url)
        proxy.lose_next(skip=lost)
        assert CALLS[call](store) == answer
        if proxy.take_back():
            break
        assert state(store) == state(undisturbed)
        lost += 1
    assert lost >= 1


def test_what_was_never_there_cannot_be_deleted(proxy: Lossy) -> None:
    with pytest.raises(DoesNotExist):
        filled(proxy.url).delete("nothing")
