"""ADR 0003 and 0004: sync or async store, and database drivers; needs a PostgreSQL URI as its argument."""

from __future__ import annotations

import asyncio
import io
import queue
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import aiosqlite
import asyncpg
import psycopg
import psycopg2
import sqlalchemy as sa
from measure import import_ms, interleaved, rate, table

URI = sys.argv[1]
ROWS, TASKS, CALLS = 1000, 20, 3000
SELECT = "SELECT id, name, status FROM decision_runs WHERE id = "


def fill() -> None:
    with psycopg.connect(URI, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS decision_runs")
        connection.execute("CREATE TABLE decision_runs (id int PRIMARY KEY, name text, status text)")
        connection.execute("DROP TABLE IF EXISTS decision_points")
        connection.execute("CREATE TABLE decision_points (run int, key int, step bigint, value float)")
        connection.cursor().executemany(
            "INSERT INTO decision_runs VALUES (%s, 'x', 'RUNNING')", [(n,) for n in range(ROWS)]
        )


async def spread(call: Callable[[int], Awaitable[object]]) -> float:
    """Calls a second from TASKS tasks of one loop."""

    async def worker(first: int) -> None:
        for n in range(first, CALLS, TASKS):
            await call(n % ROWS)

    start = time.perf_counter()
    await asyncio.gather(*(worker(first) for first in range(TASKS)))
    return CALLS / (time.perf_counter() - start)


async def through_threads(read: Callable[[int], object]) -> float:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(TASKS) as pool:
        return await spread(lambda n: loop.run_in_executor(pool, read, n))


def per_thread(connect: Callable[[], object], run: Callable[[object, int], object]) -> Callable[[int], object]:
    local = threading.local()

    def read(n: int) -> object:
        if not hasattr(local, "connection"):
            local.connection = connect()
        return run(local.connection, n)

    return read


async def asyncpg_loop() -> float:
    async with asyncpg.create_pool(URI, min_size=5, max_size=5) as pool:
        return await spread(lambda n: pool.fetchrow(SELECT + "$1", n))


async def aiosqlite_loop(path: str) -> float:
    async with aiosqlite.connect(path) as connection:

        async def read(n: int) -> object:
            return await (await connection.execute(SELECT + "?", (n,))).fetchone()

        return await spread(read)


def reads(path: str) -> dict[str, Callable[[], float]]:
    pg = per_thread(
        lambda: psycopg.connect(URI, autocommit=True), lambda c, n: c.execute(SELECT + "%s", (n,)).fetchone()
    )
    lite = per_thread(lambda: sqlite3.connect(path), lambda c, n: c.execute(SELECT + "?", (n,)).fetchone())
    return {
        "PostgreSQL: psycopg, threads": lambda: asyncio.run(through_threads(pg)),
        "PostgreSQL: asyncpg, event loop": lambda: asyncio.run(asyncpg_loop()),
        "SQLite: sqlite3, threads": lambda: asyncio.run(through_threads(lite)),
        "SQLite: aiosqlite, event loop": lambda: asyncio.run(aiosqlite_loop(path)),
    }


def writes(path: str, *, grouped: bool) -> float:
    """Durable single-row writes a second from 20 threads on SQLite."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    waiting: queue.SimpleQueue[Future[None] | None] = queue.SimpleQueue()

    def drain() -> None:
        while (item := waiting.get()) is not None:
            group = [item]
            while grouped and not waiting.empty() and len(group) < 256:
                group.append(waiting.get())  # type: ignore[arg-type]
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO points VALUES (?, 1.5)", [(1,) for _ in group])
            connection.execute("COMMIT")
            for future in group:
                future.set_result(None)

    def write(_: int) -> None:
        future: Future[None] = Future()
        waiting.put(future)
        future.result()

    writer = threading.Thread(target=drain)
    writer.start()
    start = time.perf_counter()
    with ThreadPoolExecutor(TASKS) as pool:
        list(pool.map(write, range(CALLS)))
    elapsed = time.perf_counter() - start
    waiting.put(None)
    writer.join()
    return CALLS / elapsed


POINTS = [(1, n % 100, n, n / 3) for n in range(100_000)]


def copy_psycopg() -> float:
    with psycopg.connect(URI) as connection, connection.cursor() as cursor:
        start = time.perf_counter()
        with cursor.copy("COPY decision_points FROM STDIN") as copy:
            for row in POINTS:
                copy.write_row(row)
        connection.commit()
        return len(POINTS) / (time.perf_counter() - start)


def copy_psycopg2() -> float:
    connection = psycopg2.connect(URI)
    start = time.perf_counter()
    text = io.StringIO("".join(f"{a}\t{b}\t{c}\t{d}\n" for a, b, c, d in POINTS))
    connection.cursor().copy_from(text, "decision_points")
    connection.commit()
    return len(POINTS) / (time.perf_counter() - start)


def copy_asyncpg() -> float:
    async def run() -> float:
        connection = await asyncpg.connect(URI)
        start = time.perf_counter()
        await connection.copy_records_to_table("decision_points", records=POINTS)
        return len(POINTS) / (time.perf_counter() - start)

    return asyncio.run(run())


def overhead(path: str) -> dict[str, Callable[[], float]]:
    engine = sa.create_engine(f"sqlite:///{path}")
    runs = sa.Table("decision_runs", sa.MetaData(), autoload_with=engine)
    core, raw = engine.connect(), sqlite3.connect(path)
    statement = sa.select(runs).where(runs.c.id == sa.bindparam("n"))
    return {
        "sqlite3": lambda: rate(lambda: raw.execute(SELECT + "?", (5,)).fetchone()),
        "SQLAlchemy Core over sqlite3": lambda: rate(lambda: core.execute(statement, {"n": 5}).one()),
    }


def main() -> None:
    fill()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "decision.db"))
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE decision_runs (id int PRIMARY KEY, name text, status text)")
            connection.executemany("INSERT INTO decision_runs VALUES (?, 'x', 'y')", [(n,) for n in range(ROWS)])
            connection.execute("CREATE TABLE points (key int, value float)")
        table("single-row reads, 20 tasks", interleaved(reads(path)), "1/s")
        both = {"one transaction each": False, "group commit": True}
        table(
            "durable single-row writes, 20 threads, SQLite",
            interleaved({name: lambda g=grouped: writes(path, grouped=g) for name, grouped in both.items()}),  # type: ignore[misc]
            "1/s",
        )
        copies = {"psycopg 3": copy_psycopg, "psycopg2": copy_psycopg2, "asyncpg": copy_asyncpg}
        table("COPY of 100,000 points", interleaved(copies), "rows/s")
        table("one SELECT", interleaved(overhead(path)), "1/s")
    modules = ("psycopg", "psycopg2", "asyncpg", "sqlalchemy", "alembic.command")
    table("import", {name: import_ms(name) for name in modules}, "ms")


if __name__ == "__main__":
    main()
