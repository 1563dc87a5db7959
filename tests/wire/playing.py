"""Plays steps against a server, and gives each answer in the form that is recorded."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from answers import Placeholders
from steps import API, Step, at, filled

PAUSE_SECONDS = 0.003  # no two changes in the same millisecond


def play(url: str, steps: Iterable[Step]) -> list[dict[str, Any]]:
    """``{"status": …, "answer": …}`` of each step."""
    variables: dict[str, str] = {}
    placeholders = Placeholders()
    results = []
    with urllib3.PoolManager(retries=False, timeout=60) as pool:
        for step in steps:
            time.sleep(PAUSE_SECONDS)
            status, answer = _ask(pool, url, step, variables)
            for name, path in step.save.items():
                variables[name] = at(answer, path)
                placeholders.bind(name, variables[name])
            if step.pick and status == 200:
                tokens = ["next_page_token"] if isinstance(answer, dict) and answer.get("next_page_token") else []
                answer = {
                    path: placeholders.value(at(answer, path), path.split(".")[-1]) for path in step.pick + tokens
                }
            else:
                answer = placeholders.value(answer)
            results.append({"status": status, "answer": answer})
    return results


def _ask(pool: urllib3.PoolManager, url: str, step: Step, variables: dict[str, str]) -> tuple[int, Any]:
    path = quote(filled(step.path, variables), safe="/%")
    address = f"{url}{path}" if path.startswith("/") else f"{url}{API}{path}"
    query = urlencode(filled(step.query, variables), doseq=True)
    content = step.raw
    if content is None and step.body is not None:
        content = json.dumps(filled(step.body, variables))
    answer = pool.request(
        step.method,
        f"{address}?{query}" if query else address,
        body=None if content is None else filled(content, variables).encode(),
        headers={"Content-Type": "application/json"},
        redirect=False,
    )
    try:
        return answer.status, json.loads(answer.data)
    except ValueError:
        return answer.status, "<no JSON>"
