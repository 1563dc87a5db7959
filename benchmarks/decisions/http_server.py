"""ADR 0001: HTTP servers and frameworks, a small JSON POST under `wrk -t1 -c20`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measure import HOST, first_answer, interleaved, table, tree_mb

APPS = """
import msgspec
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

class Log(msgspec.Struct):
    run_id: str
    key: str
    value: float

decoder = msgspec.json.Decoder(Log)
HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
PATHS = {f"/api/{p}/mlflow/{n}" for p in range(5) for n in range(75)} | {"/log"}

async def bare(scope, receive, send):
    if scope["type"] != "http": return
    assert scope["path"] in PATHS
    if scope["method"] == "POST":
        decoder.decode((await receive())["body"])
    await send(HEAD)
    await send({"type": "http.response.body", "body": b"{}"})

async def log(request):
    if request.method == "POST":
        decoder.decode(await request.body())
    return Response(b"{}", media_type="application/json")

few = Starlette(routes=[Route("/log", log, methods=["GET", "POST"])])
many = Starlette(routes=[Route(f"/api/{p}/mlflow/{n}", log) for p in range(5) for n in range(75)]
                 + [Route("/log", log, methods=["GET", "POST"])])
"""
LITESTAR = """
from litestar import Litestar, get, post
import msgspec
class Log(msgspec.Struct):
    run_id: str
    key: str
    value: float
@post("/log", status_code=200)
async def log(data: Log) -> dict[str, str]: return {}
@get("/log")
async def ready() -> dict[str, str]: return {}
app = Litestar([log, ready])
"""
SCRIPT = """
wrk.method = "POST"
wrk.body = '{"run_id":"0123","key":"m","value":1.5}'
wrk.headers["Content-Type"] = "application/json"
"""
UVICORN = ["-m", "uvicorn", "--log-level", "warning", "--no-access-log", "--port", "{port}"]
GRANIAN = ["-m", "granian", "--interface", "asginl", "--no-log", "--port", "{port}"]
CANDIDATES = {
    "uvicorn, bare ASGI, dictionary": [*UVICORN, "apps:bare"],
    "granian, bare ASGI, dictionary": [*GRANIAN, "apps:bare"],
    "uvicorn, Starlette, 1 route": [*UVICORN, "apps:few"],
    "uvicorn, Starlette, 376 routes": [*UVICORN, "apps:many"],
    "uvicorn, Litestar, 1 route": [*UVICORN, "star:app"],
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "apps.py").write_text(APPS)
        Path(folder, "star.py").write_text(LITESTAR)
        Path(folder, "post.lua").write_text(SCRIPT)
        run(Path(folder))


def run(folder: Path) -> None:
    servers: dict[str, tuple[subprocess.Popen[bytes], str]] = {}
    starts, memory = {}, {}
    for number, (name, arguments) in enumerate(CANDIDATES.items()):
        port = str(18500 + number)
        command = [sys.executable, *(part.format(port=port) for part in arguments)]
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)})
        url = f"http://{HOST}:{port}/log"
        starts[name], memory[name] = first_answer(url), tree_mb(process.pid)
        servers[name] = (process, url)
    table("requests a second", interleaved({n: load(u, folder) for n, (_, u) in servers.items()}), "1/s")
    table("start to first answer", starts, "s")
    table("idle memory of all processes", memory, "MB")
    print("\nSIGTERM to end")
    for name, (process, _) in servers.items():
        start = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        status = process.wait()
        print(f"  {name:42} {time.perf_counter() - start:8.2f} s, status {status}")


def load(url: str, folder: Path) -> Callable[[], float]:
    def once() -> float:
        command = ["wrk", "-t1", "-c20", "-d3", "-s", str(folder / "post.lua"), url]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "Non-2xx" not in out, out
        return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])  # type: ignore[index]

    return once


if __name__ == "__main__":
    main()
