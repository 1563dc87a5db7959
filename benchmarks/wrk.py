"""Sends load with wrk: the Lua scripts of the requests, and the figures that wrk reports."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rest import API

TIMEOUT = 60
POST = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
"""
# Prints the figures as one line of JSON, after wrk's own output.
REPORT = """
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\nJSON{"requests": %d, "us": %d, "status": %d, "socket": %d, "timeout": %d, "p50": %.0f, "p99": %.0f}\\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write, e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Load:
    """The figures of one round of wrk. ``rate`` counts successful answers only."""

    rate: float
    p50_ms: float
    p99_ms: float
    answers: int
    refused: int  # status other than 2xx
    broken: int  # socket errors and timeouts


def log_metric(run: str, first_step: int) -> str:
    """A script that logs one point per request, each at a new step."""
    return f"""{POST}
wrk.path = "{API}/runs/log-metric"
local step = {first_step}
request = function()
  step = step + 1
  return wrk.format(nil, nil, nil, string.format(
    '{{"run_id":"{run}","key":"loss","value":%d.25,"timestamp":%.0f,"step":%d}}', step, 1700000000000 + step, step))
end
"""


def log_batch(run: str, first_step: int, metrics: int = 100) -> str:
    """A script that logs ``metrics`` points per request, all at a new step."""
    return f"""{POST}
wrk.path = "{API}/runs/log-batch"
local step = {first_step}
local parts = {{}}
request = function()
  step = step + 1
  for i = 1, {metrics} do
    parts[i] = string.format('{{"key":"batch%d","value":%d.5,"timestamp":%.0f,"step":%d}}',
                             i, step + i, 1700000000000 + step, step)
  end
  return wrk.format(nil, nil, nil, '{{"run_id":"{run}","metrics":[' .. table.concat(parts, ",") .. ']}}')
end
"""


def log_steps(run: str, first_step: int, metrics: int = 10, steps: int = 100) -> str:
    """A script that logs ``steps`` points of each of some metrics per request, all at new steps."""
    return f"""{POST}
wrk.path = "{API}/runs/log-batch"
local step = {first_step}
local parts = {{}}
request = function()
  for i = 1, {metrics} do
    for j = 1, {steps} do
      parts[(i - 1) * {steps} + j] = string.format(
        '{{"key":"steps%d","value":%d.5,"timestamp":%.0f,"step":%d}}', i, i + j, 1700000000000 + step + j, step + j)
    end
  end
  step = step + {steps}
  return wrk.format(nil, nil, nil, '{{"run_id":"{run}","metrics":[' .. table.concat(parts, ",") .. ']}}')
end
"""


def create_run(experiment: str) -> str:
    """A script that creates one run per request, with the tags that MLflow's client sends."""
    return f"""{POST}
wrk.path = "{API}/runs/create"
local number = 0
request = function()
  number = number + 1
  return wrk.format(nil, nil, nil, string.format('{{"experiment_id":"{experiment}","user_id":"bench",'
    .. '"start_time":%.0f,"run_name":"run %d","tags":[{{"key":"mlflow.user","value":"bench"}},'
    .. '{{"key":"mlflow.source.name","value":"train.py"}},{{"key":"mlflow.source.type","value":"LOCAL"}}]}}',
    1700000000000 + number, number))
end
"""


def get_run(runs: list[str]) -> str:
    """A script that gets one of these runs per request, in turns."""
    listed = ",".join(f'"{run}"' for run in runs)
    return f"""
local runs = {{{listed}}}
local number = 0
request = function()
  number = number + 1
  return wrk.format("GET", "{API}/runs/get?run_id=" .. runs[number % #runs + 1])
end
"""


def load(url: str, script: str, connections: int, seconds: float) -> Load:
    """Run one round with one thread of wrk."""
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("wrk is not installed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requests.lua"
        path.write_text(script + REPORT)
        command = [program, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency"]
        output = subprocess.run(
            [*command, "--timeout", f"{TIMEOUT}s", "-s", str(path), url], check=True, capture_output=True, text=True
        ).stdout
    line = next(line for line in output.splitlines() if line.startswith("JSON"))
    seen = json.loads(line.removeprefix("JSON"))
    good = max(0, seen["requests"] - seen["status"])
    rate = good / (seen["us"] / 1e6)
    broken = seen["socket"] + seen["timeout"]
    return Load(rate, seen["p50"] / 1000, seen["p99"] / 1000, seen["requests"], seen["status"], broken)
