"""The OpenAPI document names every endpoint of the protocol, and no request made from it is answered by a 5xx."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlyard.wire.routes import API, ROUTES
from tests.conftest import SOAK, START_SECONDS, LiveServer, clean_environment
from tests.postgres import Cluster
from tests.s3 import BUCKET, S3Server

EXAMPLES = "500" if SOAK else "8"
CHECKS = "not_a_server_error,content_type_conformance,response_schema_conformance"


def test_every_route_is_in_the_document(server: LiveServer) -> None:
    document: Any = server.get("/openapi.json").json()
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(method, API + route.path) for route in ROUTES for method in route.methods}
    identifiers = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(set(identifiers)) == len(identifiers)


def test_requests_of_every_odd_kind_get_no_server_error(
    postgres: Cluster, s3: S3Server, start_server: Callable[..., LiveServer], tmp_path: Path
) -> None:
    """Artifacts lie in S3: a server that keeps them in a folder answers 501 where signed addresses are asked for."""
    destination = f"s3://{BUCKET}/odd"
    options = ("--backend-store-uri", postgres.new_database(), "--artifacts-destination", destination)
    live = start_server(*options, **s3.environment)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{live.url}/openapi.json",
        *("--checks", CHECKS, "-n", EXAMPLES, "--phases", "coverage,fuzzing", "--continue-on-failure", "--no-color"),
        *("--request-timeout", str(START_SECONDS), "--suppress-health-check", "too_slow"),
    ]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    cases = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert cases is not None
    assert cases[1] == cases[2]
    assert int(cases[1]) > 500
