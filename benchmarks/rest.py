"""A small HTTP client, for timing single requests and for creating experiments and runs."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

API = "/api/2.0/mlflow"
UI_API = "/ajax-api/2.0/mlflow"
TIMEOUT = 600
IDLE = 2  # seconds; after a longer pause, a server may have closed the connection


class Failed(Exception):
    """An answer whose status is not 200, or a failed connection."""


class Client:
    """One kept-alive connection to a server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT)
        self._used = 0.0

    def bytes(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        """The answer's body. Raises Failed."""
        content = None if body is None else json.dumps(body).encode()
        headers = {} if content is None else {"Content-Type": "application/json"}
        if time.monotonic() - self._used > IDLE:
            self._connection.close()
        try:
            self._connection.request(method, path, content, headers)
            answer = self._connection.getresponse()
            data = answer.read()
            self._used = time.monotonic()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Failed(f"{type(error).__name__}: {error}") from None
        if answer.status != http.HTTPStatus.OK:
            raise Failed(f"HTTP {answer.status}: {data[:200].decode(errors='replace')}")
        return data

    def get(self, path: str, **query: object) -> dict[str, Any]:
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return dict(json.loads(self.bytes("GET", f"{path}?{urlencode(given)}")))

    def post(self, path: str, **body: object) -> dict[str, Any]:
        return dict(json.loads(self.bytes("POST", API + path, body)))

    def create_experiment(self, name: str) -> str:
        return str(self.post("/experiments/create", name=name)["experiment_id"])

    def create_run(self, experiment: str) -> str:
        now = int(1000 * time.time())
        answer = self.post("/runs/create", experiment_id=experiment, start_time=now, run_name="bench")
        return str(answer["run"]["info"]["run_id"])

    def pages(self, path: str, **body: object) -> Iterator[dict[str, Any]]:
        """The answers of a search, page by page."""
        token = ""
        while True:
            page = self.post(path, **body, **({"page_token": token} if token else {}))
            yield page
            token = page.get("next_page_token", "")
            if not token:
                return

    def history(self, run: str, key: str) -> Iterator[bytes]:
        """The answers with a metric's history, as bytes. Requested without a limit, as MLflow's client does."""
        token = ""
        while True:
            query = {"run_id": run, "metric_key": key} | ({"page_token": token} if token else {})
            data = self.bytes("GET", f"{API}/metrics/get-history?{urlencode(query)}")
            yield data
            token = _next_token(data)
            if not token:
                return


def _next_token(answer: bytes) -> str:
    """The page token at the start or end of a long answer, found without parsing the points."""
    marker = b'"next_page_token"'
    for part in (answer[-1000:], answer[:1000]):
        if marker in part:
            return part.split(marker)[1].split(b'"', 2)[1].decode()
    return ""
