"""Measures each row of requests on one server."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import figures as f
import load
import wrk
from figures import Figures, Row
from rest import API, UI_API, Client, Failed
from systems import Server

import mlyard

PAGE = 1000
CHART_POINTS = 2000
CHARTED = 100  # metrics that are drawn in one request
STEPS = 100_000_000  # steps of one round, so that no two rounds write the same points


@dataclass(frozen=True)
class Subject:
    """The data of a system (experiments, and the run that is written to), and the duration of a round in seconds."""

    searched: str
    paged: str
    written: str
    run: str
    runs: int
    seconds: float
    key: str = "long"
    longest: str = "longest"
    charted: str = ""  # the run with CHARTED metrics


Measure = Callable[[Figures, Server, Subject, int], float]


def measures() -> list[tuple[Row, Measure]]:
    """The rows and how to measure them. Reads come first, because the writes would slow them down."""
    return [
        (f.GET, get_run),
        (f.SEARCH, search),
        (f.FILTER, search_by_filter),
        (f.PAGES, all_pages),
        (f.CHART, chart),
        (f.FRAME, frame),
        (f.EXTREMES, extremes),
        (f.CHARTS, charts),
        (f.HISTORY, history),
        (f.LOG_METRIC, log_metric),
        (f.CREATE, create_run),
        (f.LOG_BATCH, log_batch),
        (f.LOG_STEPS, log_steps),
    ]


def _loaded(row: Row, found: Figures, server: Server, script: str, connections: int, seconds: float) -> float:
    seen = wrk.load(server.url, script, connections, seconds)
    found.error(row.name, server.system.name, seen.refused + seen.broken)
    found.detail(row.name, server.system.name, vars(seen))
    return seen.rate


def log_metric(found: Figures, server: Server, subject: Subject, number: int) -> float:
    script = wrk.log_metric(subject.run, (1 + number) * STEPS)
    return _loaded(f.LOG_METRIC, found, server, script, 20, subject.seconds)


def log_batch(found: Figures, server: Server, subject: Subject, number: int) -> float:
    script = wrk.log_batch(subject.run, (1 + number) * STEPS)
    return _loaded(f.LOG_BATCH, found, server, script, 8, subject.seconds)


def log_steps(found: Figures, server: Server, subject: Subject, number: int) -> float:
    script = wrk.log_steps(subject.run, (1 + number) * STEPS)
    return _loaded(f.LOG_STEPS, found, server, script, 8, subject.seconds)


def create_run(found: Figures, server: Server, subject: Subject, _: int) -> float:
    return _loaded(f.CREATE, found, server, wrk.create_run(subject.written), 20, subject.seconds)


def get_run(found: Figures, server: Server, subject: Subject, number: int) -> float:
    # Every 47th run, so that the reads are spread over the tables.
    runs = [load.run_id(1 + (47 * i + number) % subject.runs) for i in range(1000)]
    return _loaded(f.GET, found, server, wrk.get_run(runs), 20, subject.seconds)


def timed(work: Callable[[], object], seconds: float) -> float:
    """The median duration of ``work``, which is called at least once, and repeatedly for about ``seconds``."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() + times[-1] < end:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _searched(server: Server, subject: Subject, expected: int, **body: object) -> float:
    client = Client(server.url)
    body = {"experiment_ids": [subject.searched], **body}
    found = len(client.post("/runs/search", **body).get("runs", []))
    if found != expected:
        raise Failed(f"{found} runs instead of {expected}")
    return timed(lambda: client.bytes("POST", f"{API}/runs/search", body), subject.seconds / 2)


def search(_found: Figures, server: Server, subject: Subject, _: int) -> float:
    return _searched(server, subject, min(subject.runs, PAGE), max_results=PAGE)


def search_by_filter(_found: Figures, server: Server, subject: Subject, _: int) -> float:
    expected = min(100, load.matching(1, subject.runs))
    return _searched(server, subject, expected, max_results=100, filter=load.FILTER, order_by=load.ORDER)


def all_pages(_found: Figures, server: Server, subject: Subject, _: int) -> float:
    client, seen = Client(server.url), 0
    start = time.perf_counter()
    try:
        for page in client.pages("/runs/search", experiment_ids=[subject.paged], max_results=PAGE):
            seen += len(page.get("runs", []))
    except Failed as failure:
        raise Failed(f"fails after {seen} runs: {failure}") from None
    return time.perf_counter() - start


def history(_found: Figures, server: Server, subject: Subject, _: int) -> float:
    start = time.perf_counter()
    for _answer in Client(server.url).history(subject.run, subject.key):
        pass
    return time.perf_counter() - start


def chart(_found: Figures, server: Server, subject: Subject, _: int) -> float:
    client = Client(server.url)
    path = f"{UI_API}/metrics/get-history-bulk-interval"
    query = {"run_ids": subject.run, "metric_key": subject.key, "max_results": CHART_POINTS}
    points = len(client.get(path, **query).get("metrics", []))
    if points > CHART_POINTS + 100:
        raise Failed(f"{points} points")
    return timed(lambda: client.get(path, **query), subject.seconds / 2)


def frame(_found: Figures, server: Server, subject: Subject, _: int) -> float:
    _only_ours(server)
    mlyard.set_tracking_uri(server.url)
    points = len(mlyard.metric_history(subject.run, subject.key))
    if not points:
        raise Failed("no points")
    return timed(lambda: mlyard.metric_history(subject.run, subject.key), subject.seconds / 2)


def extremes(_found: Figures, server: Server, subject: Subject, _: int) -> float:
    return _drawn(server, subject, {"run_ids": [subject.run], "keys": [subject.longest]}, 1)


def charts(_found: Figures, server: Server, subject: Subject, _: int) -> float:
    return _drawn(server, subject, {"run_ids": [subject.charted]}, CHARTED)


def _drawn(server: Server, subject: Subject, body: dict[str, object], expected: int) -> float:
    _only_ours(server)
    client, path = Client(server.url), "/metrics/charts"
    found = client.post(path, **body)["series"]
    if len(found) != expected or not all(0 < len(one["values"]) <= CHART_POINTS for one in found):
        raise Failed(f"{len(found)} charts instead of {expected}")
    return timed(lambda: client.bytes("POST", API + path, body), subject.seconds / 2)


def _only_ours(server: Server) -> None:
    if server.system.name != f.OURS:
        raise Failed("has no such request")
