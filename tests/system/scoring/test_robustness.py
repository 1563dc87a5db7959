"""The scoring server under what goes wrong: models that fail, hang or die, broken requests, full queues, signals."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
import urllib3
from sklearn.base import BaseEstimator

import mlyard
from mlyard.hosting.network import is_free
from mlyard.hosting.supervisor import TOO_SOON_SECONDS
from mlyard.scoring.requests import ScoringOptions
from tests.conftest import START_SECONDS, LiveServer, await_answer, clean_environment, end, free_port, running, until
from tests.system.scoring.conftest import DATA, Served, split

ROW = split(DATA.head(1))


def odd_row(*cells: Any) -> dict[str, Any]:
    return {"dataframe_split": {"columns": ["a", "b", "c"][: len(cells)], "data": [list(cells)]}}


@contextmanager
def waiting(served: Served, folder: Path) -> Iterator[tuple[Future[Any], Path]]:
    """A request that is in the model until the file is there."""
    started, end = folder / "started", folder / "end"
    with ThreadPoolExecutor(1) as threads:
        try:
            answer = threads.submit(served.ask, odd_row("wait", str(started), str(end)))
            until(started.exists)
            yield answer, end
        finally:
            end.touch()


def answers(hasty: Served) -> bool:
    """Whether it answers what takes the model no time; on a busy machine one request may be late, not each."""
    return hasty.ask(odd_row("text")) == (200, {"predictions": "hello"})


@pytest.mark.parametrize(
    ("kind", "status"), [("value", 400), ("type", 400), ("key", 500), ("zero", 500), ("exit", 500)]
)
def test_what_a_model_raises_is_no_trace(odd: Served, kind: str, status: int) -> None:
    got, answer = odd.ask(odd_row(kind))
    assert got == status
    assert "Traceback" not in str(answer)
    assert "echo_models" not in str(answer)
    assert odd.ask(odd_row("text"))[0] == 200


def test_a_model_that_hangs_costs_its_request_only(hasty: Served, tmp_path: Path) -> None:
    with waiting(hasty, tmp_path) as (answer, _):
        assert hasty.live.get("/ping").status == 200
        until(lambda: answers(hasty))
        status, content = answer.result()
        assert (status, content["error_code"]) == (504, "DEADLINE_EXCEEDED")


def test_a_full_queue_says_when_to_come_again(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve("odd", "--queue", "1")
    with waiting(served, tmp_path) as (answer, end):
        refused = served.pool.request("POST", f"{served.live.url}/invocations", body=b"{}")
        assert refused.status == 503
        assert int(refused.headers["Retry-After"]) >= 1
        assert served.metric("mlyard_requests_in_flight") == 1
        end.touch()
        assert answer.result() == (200, {"predictions": ["wait"]})
    assert served.predictions(odd_row("text")) == "hello"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_finishes_what_is_in_flight(serve: Callable[..., Served], tmp_path: Path, workers: str) -> None:
    served = serve("odd", "--workers", workers)
    with waiting(served, tmp_path) as (answer, end):
        served.live.process.send_signal(signal.SIGTERM)
        until(lambda: is_refused(served.live))
        assert served.live.process.poll() is None
        end.touch()
        assert answer.result() == (200, {"predictions": ["wait"]})
    assert served.live.process.wait(START_SECONDS) == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_model_that_hangs_does_not_keep_the_server(
    serve: Callable[..., Served], tmp_path: Path, workers: str
) -> None:
    served = serve("odd", "--timeout", "2", "--workers", workers)
    with waiting(served, tmp_path) as (answer, _):
        assert answer.result()[0] == 504
        served.live.process.send_signal(signal.SIGTERM)
        assert served.live.process.wait(START_SECONDS) == 0


def is_refused(live: LiveServer) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port_of(live))).close()
    except ConnectionError:
        return True
    return False


def port_of(live: LiveServer) -> int:
    return int(live.url.rsplit(":", 1)[1])


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def age(pid: int) -> float:
    """Seconds since a process was started."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def two(serve: Callable[..., Served]) -> Served:
    """A server of two processes."""
    return serve("signed", "--workers", "2")


def test_a_process_that_is_killed_is_replaced(two: Served, diabetes: Any) -> None:
    """Only what is in it at that moment is lost; and metrics go on."""
    expected = pytest.approx(diabetes.predict(DATA.head(1)).tolist())
    until(lambda: len(children(two.live.process.pid)) == 2)
    workers = children(two.live.process.pid)
    clients, stop = 4, threading.Event()
    answered: list[Any] = []
    lost: list[Exception] = []

    def load() -> None:
        while not stop.is_set():
            try:
                answered.append(two.predictions(ROW))
            except urllib3.exceptions.HTTPError as error:
                lost.append(error)

    with ThreadPoolExecutor(clients) as threads:
        loads = [threads.submit(load) for _ in range(clients)]
        try:
            until(lambda: age(workers[0]) > TOO_SOON_SECONDS + 1)  # one that dies at once would end the server
            until(lambda: len(answered) > 100)
            os.kill(workers[0], signal.SIGKILL)
            (new,) = until(lambda: set(children(two.live.process.pid)) - set(workers))
            until(lambda: len(children(two.live.process.pid)) == 2)
            before = len(answered)
            until(lambda: len(answered) > before + 100)
        finally:
            stop.set()
        for each in loads:
            each.result()
    assert len(lost) <= clients  # each has one connection, with one request on it
    assert all(answer == expected for answer in answered)
    until(lambda: two.metric('mlyard_requests_total{status="200"}') >= len(answered))
    assert new in children(two.live.process.pid)


def test_processes_share_the_models_memory(two: Served) -> None:
    def kb(pid: int, name: str) -> int:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(re.findall(rf"^{name}:\s+(\d+)", text, re.MULTILINE)[0])

    family = [two.live.process.pid, *children(two.live.process.pid)]
    # Of what is in no file each has its own, unless they share it: the three hold less than two would by themselves.
    assert sum(kb(pid, "Pss_Anon") for pid in family) < 2 * max(kb(pid, "Anonymous") for pid in family)


class Threaded(BaseEstimator):
    """A model whose loading starts a thread, which does its work: forked, it would wait for ever."""

    def predict(self, data: Any) -> Any:
        return [self._pool.submit(os.getpid).result()]

    def __setstate__(self, state: Any) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._pool = ThreadPoolExecutor(1)
        self._pool.submit(int).result()


def test_a_model_that_starts_threads_is_loaded_by_each_process(tmp_path: Path) -> None:
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    model = Threaded()
    model.__dict__["_some"] = 1
    mlyard.sklearn.save_model(model, tmp_path / "m", serialization_format="cloudpickle")
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "mlyard", "models", "serve", "-m", str(tmp_path / "m"), "-w", "2", "-p", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, env=clean_environment())
    try:
        await_answer(process, url, seconds=4 * START_SECONDS)  # three processes load scikit-learn
        (pid,) = Served(LiveServer(url, tmp_path, process)).predictions({"inputs": [[1]]})
        assert pid in children(process.pid)
    finally:
        end(process)
    assert process.returncode == 0


def test_workers_end_with_their_parent(folders: dict[str, Path], tmp_path: Path) -> None:
    with running(["models", "serve", "-m", str(folders["plain"]), "-w", "2"], tmp_path, free_port()) as live:
        live.stop(signal.SIGKILL)
        until(lambda: is_free("127.0.0.1", port_of(live)))


def raw(live: LiveServer, content: bytes, *, half_close: bool = False) -> bytes:
    """Bytes as they are; what comes back until the server closes or the answer is whole."""
    with socket.create_connection(("127.0.0.1", port_of(live)), timeout=START_SECONDS) as connection:
        connection.sendall(content)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        return connection.recv(65536)


HEAD = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_a_body_over_the_limit_is_refused_unread(two: Served) -> None:
    limit = ScoringOptions().max_body
    announced = b"Content-Length: %d\r\n\r\n{" % (limit + 1)
    assert b" 413 " in raw(two.live, HEAD + announced).partition(b"\r\n")[0]
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", port_of(two.live)), timeout=START_SECONDS) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):
            for _ in range(limit // 0x100000 + 20):
                connection.sendall(chunk)
        assert b" 413 " in connection.recv(65536).partition(b"\r\n")[0]
    assert two.ask(ROW)[0] == 200


def test_half_bodies_are_not_waited_for_longer_than_a_request_may_take(serve: Callable[..., Served]) -> None:
    served = serve("odd", "--timeout", "1.0003")  # timers are rounded, down too
    halves = [HEAD + b"Content-Length: 100\r\n\r\n" + part for part in (b"", b'{"inputs"')] * 50
    with ThreadPoolExecutor(len(halves)) as threads:
        answered = threads.map(lambda half: raw(served.live, half), halves)
    assert {answer.partition(b"\r\n")[0][:12] for answer in answered} == {b"HTTP/1.1 408"}
    until(lambda: answers(served))


def test_clients_that_go_away_harm_nobody(two: Served) -> None:
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", port_of(two.live))) as connection:
            connection.sendall(HEAD + b'Content-Length: 1000\r\n\r\n{"inputs": [[1, ')
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", port_of(two.live))) as connection:
            connection.sendall(HEAD + b'Content-Length: 18\r\n\r\n{"inputs": [["1"]]}')
    assert two.ask(ROW)[0] == 200
    assert until(lambda: two.metric("mlyard_requests_in_flight") == 0)


def test_fuzzed_requests_are_the_callers_fault(two: Served) -> None:
    """For a body of any bytes, the answer is 200, 400 or 415, and the server lives on."""
    chance = random.Random(7)
    good = b'{"dataframe_split": {"columns": ["age", "bmi"], "data": [[1.5, -2e3], [null, "x"]]}, "params": {"k": 1}}'
    kinds = ["application/json", "application/json; format=pandas-split", "application/json;format=pandas-records"]
    kinds += ["text/csv", "application/vnd.apache.parquet", "application/vnd.apache.arrow.file", ";=;;", ""]
    workers = children(two.live.process.pid)
    for number in range(1500):
        body = bytearray(good if number % 3 else chance.randbytes(chance.randrange(200)))
        for _ in range(chance.randrange(1, 8)):
            place = chance.randrange(len(body) + 1)
            body[place : place + chance.randrange(4)] = chance.choice(
                [b"", b"[", b"}", b'"', b"1e999", b"\xff", b"null"]
            )
        status, answer = two.ask(bytes(body), chance.choice(kinds))
        assert status in {200, 400, 415}, (bytes(body), answer)
    assert children(two.live.process.pid) == workers


def test_fuzzed_protocol_harms_nobody(two: Served) -> None:
    chance = random.Random(7)
    whole = HEAD + b'Content-Length: 19\r\n\r\n{"inputs": [["1"]]}'
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        with suppress(OSError):
            raw(two.live, bytes(content[: chance.randrange(1, len(content) + 1)]), half_close=True)
    assert two.ask(ROW)[0] == 200


def test_a_url_is_data(odd: Served, two: Served) -> None:
    """Nothing is fetched: the port that it names hears nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
        assert odd.predictions(odd_row(url)) == [url]
        for body in ({"inputs": [[url] * 10]}, {"inputs": url}, {"instances": [{"image": url}]}, url):
            assert two.ask(body)[0] == 400
        for kind in ("text/csv", "application/vnd.apache.parquet"):
            assert two.ask(url.encode(), kind)[0] == 400
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-m", "runs:/x$(touch pwned)/m"),
        ("-m", "models:/`touch pwned`/1"),
        ("-m", "; touch pwned"),
        ("-m", "MODEL", "-h", "127.0.0.1; touch pwned"),
        ("-m", "MODEL", "-p", "1; touch pwned"),
        ("-m", "MODEL", "-w", "1; touch pwned"),
        ("-m", "MODEL", "-t", "1; touch pwned"),
        ("-m", "MODEL", "--env-manager", "local; touch pwned"),
    ],
)
def test_no_argument_reaches_a_shell(folders: dict[str, Path], tmp_path: Path, arguments: tuple[str, ...]) -> None:
    given = [str(folders["plain"]) if argument == "MODEL" else argument for argument in arguments]
    command = [sys.executable, "-m", "mlyard", "models", "serve", *given]
    command += [] if "-p" in given else ["-p", "0"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("pwned*"))
