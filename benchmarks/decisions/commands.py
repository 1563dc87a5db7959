"""ADR 0006: command-line libraries and HTTP clients."""

from __future__ import annotations

import http.client
import http.server
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import requests
import urllib3
from measure import HOST, import_ms, interleaved, rate, table

PROGRAMS = {
    "argparse": (
        "import argparse\np = argparse.ArgumentParser()\n"
        "p.add_argument('--version', action='version', version='1')\np.parse_args()"
    ),
    "click": "import click\n@click.command()\n@click.version_option('1')\ndef f(): pass\nf()",
    "typer": "import typer\napp=typer.Typer()\n@app.command()\ndef f(version: bool=False): print(1)\napp()",
    "cyclopts": "import cyclopts\napp=cyclopts.App(version='1')\n@app.default\ndef f(): pass\napp()",
}
BODY = b'{"run_id":"0123","key":"m","value":1.5}'


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: object) -> None:
        pass


def whole(program: Path) -> Callable[[], float]:
    def once() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, str(program), "--version"], stdout=subprocess.DEVNULL, check=True)
        return 1000 * (time.perf_counter() - start)

    return once


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        programs = {}
        for name, text in PROGRAMS.items():
            programs[name] = Path(folder, f"{name}_program.py")
            programs[name].write_text(text)
        table("`program --version`", interleaved({n: whole(p) for n, p in programs.items()}, 9), "ms")
    server = http.server.ThreadingHTTPServer((HOST, 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://{HOST}:{server.server_port}/"
    pool, session, client = urllib3.PoolManager(), requests.Session(), httpx.Client()
    raw = http.client.HTTPConnection(HOST, server.server_port)

    def plain() -> None:
        raw.request("POST", "/", BODY)
        raw.getresponse().read()

    posts = {
        "http.client": lambda: rate(plain),
        "urllib3": lambda: rate(lambda: pool.request("POST", url, body=BODY)),
        "requests": lambda: rate(lambda: session.post(url, data=BODY)),
        "httpx": lambda: rate(lambda: client.post(url, content=BODY)),
    }
    table("small POST, connection kept", interleaved(posts), "1/s")
    modules = ("http.client", "urllib3", "requests", "httpx", "click", "rich")
    table("import", {name: import_ms(name) for name in modules}, "ms")


if __name__ == "__main__":
    main()
