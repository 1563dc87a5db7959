"""One module knows the grammar of URIs of runs, models and artifacts; nobody else takes such a URI apart."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src/mlyard"

# What looks like taking a URI apart, or like putting one together.
_SIGNS = re.compile(
    r"""url(un)?(split|parse)\(|(startswith|removeprefix|partition|split)\(f?["'](runs|models|s3|gs|file|dbfs|mlflow-artifacts):"""
    r"""|(artifact_uri|artifact_location)(\.rstrip\(["']/["']\))?}/"""
)

# The other addresses: of servers, of projects, of databases, and what is asked of an HTTP server.
ELSEWHERE = {
    "domain/uris.py": "the grammar",
    "transport/addresses.py": "the addresses of servers",
    "transport/connections.py": "the addresses of proxies",
    "hosting/network.py": "the address that a server listens to",
    "server/security.py": "the Host header",
    "projects/address.py": "the addresses of projects",
    "projects/download.py": "redirects of a zip file",
    "projects/fetch.py": "the address of a zip file",
    "projects/git.py": "the server of a repository",
    "projects/submodules.py": "the addresses of submodules",
    "projects/paths.py": "parameters that are paths or URIs",
    "projects/backends/handover.py": "whether a tracking store is on this machine",
    "projects/backends/kubernetes.py": "whether a project is on this machine",
    "envs/own.py": "where mlyard itself was installed from",
    "envs/containers.py": "the folders that a container needs",
}


def test_uris_are_taken_apart_in_one_place() -> None:
    found = {
        file.relative_to(SOURCE).as_posix(): line.strip()
        for file in SOURCE.rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if _SIGNS.search(line) and not line.strip().startswith((">>>", "...", "import", "from"))
    }
    assert {name: line for name, line in found.items() if name not in ELSEWHERE} == {}
    assert {name for name in ELSEWHERE if not (SOURCE / name).exists()} == set()
