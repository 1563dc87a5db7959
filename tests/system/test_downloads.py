"""The name and the type of what is downloaded: on all routes, and for all names."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.server.attachments import disposition
from tests.conftest import LiveServer, fetch

NAMES = {
    "a.txt": "text/plain",
    "MLmodel": "text/plain",
    "conda.yaml": "text/plain",
    "page.html": "text/plain",
    "model.pkl": "application/octet-stream",
    "dog+step+20.png": "image/png",
    "a b; c.csv": "text/plain",
    "Größe 🙂.txt": "text/plain",
    'quo"te.json': "text/plain",
}


def _named(header: str) -> str:
    """The file's name, as a client of RFC 6266 reads it: the second form is better than the first."""
    found = re.fullmatch(r"""attachment; filename=("[^"\\]*"|[^\s";]+)(?:; filename\*=UTF-8''([^\s";']+))?""", header)
    assert found, header
    return unquote(found[2]) if found[2] else found[1].strip('"')


def _log(server: LiveServer, folder: str, name: str) -> None:
    answer = fetch("PUT", f"{server.url}/api/2.0/mlflow-artifacts/artifacts/{folder}/{quote(name)}", body=b"x")
    assert answer.status == 200


@pytest.mark.parametrize("name", NAMES)
def test_every_route_names_the_file(server: LiveServer, name: str) -> None:
    run: Any = server.call("POST", "runs/create", {"experiment_id": "0"})[1]["run"]
    run_id, folder = run["info"]["run_id"], run["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
    made: Any = server.call("POST", "logged-models", {"experiment_id": "0", "name": "line"})[1]["model"]
    model_id, of_model = made["info"]["model_id"], made["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
    _log(server, folder, name)
    _log(server, of_model, name)
    server.call("POST", "registered-models/create", {"name": f"Model {run_id}"})
    source = {"name": f"Model {run_id}", "source": f"mlflow-artifacts:/{folder}", "run_id": run_id}
    assert server.call("POST", "model-versions/create", source)[0] == 200
    path = quote(name, safe="")
    for route in (
        f"/api/2.0/mlflow-artifacts/artifacts/{folder}/{path}",
        f"/ajax-api/2.0/mlflow-artifacts/artifacts/{folder}/{path}",
        f"/get-artifact?run_id={run_id}&path={path}",
        f"/model-versions/get-artifact?name=Model%20{run_id}&version=1&path={path}",
        f"/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files?artifact_file_path={path}",
    ):
        answer = server.get(route)
        assert answer.status == 200, (route, answer.data)
        assert answer.headers["Content-Type"] == NAMES[name]
        assert _named(answer.headers["Content-Disposition"]) == name
        assert "filename=" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_name_breaks_out_of_the_header(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert _named(header) == name
