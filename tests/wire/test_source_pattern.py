"""The operator's pattern for the sources of model versions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import START_SECONDS, LiveServer, clean_environment

NAME = "CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX"
FLAG = {"key": "mlflow.prompt.is_prompt", "value": "true"}


@pytest.fixture(params=["MLYARD", "MLFLOW"])
def live(request: pytest.FixtureRequest, start_server: Callable[..., LiveServer]) -> LiveServer:
    return start_server(**{f"{request.param}_{NAME}": "^mlflow-artifacts:/.*/model"})


def created(live: LiveServer, source: str, **more: Any) -> tuple[int, str]:
    """The status, and the message of a refusal."""
    status, answer = live.call("POST", "model-versions/create", {"name": "m", "source": source, **more})
    return status, str(answer.get("message", ""))


def test_the_source_or_the_place_that_it_stands_for_matches(live: LiveServer) -> None:
    answer: Any = live.call("POST", "runs/create", {"experiment_id": "0"})[1]
    run_id, uri = answer["run"]["info"]["run_id"], answer["run"]["info"]["artifact_uri"]
    live.call("POST", "registered-models/create", {"name": "m"})
    for source in (f"{uri}/model", f"{uri}/model-2", f"runs:/{run_id}/model", "models:/m/1"):
        assert created(live, source, run_id=run_id) == (200, ""), source
    for source in (uri, f"runs:/{run_id}/other", "s3://bucket/model", f"runs:/{'0' * 32}/model"):
        status, message = created(live, source, run_id="0" * 32 if "000" in source else run_id)
        assert (status, message[:28], NAME in message) == (400, "Invalid model version source", True), source


def test_a_prompt_has_no_files_whose_place_could_be_wrong(live: LiveServer) -> None:
    live.call("POST", "registered-models/create", {"name": "m", "tags": [FLAG]})
    assert created(live, "dummy-source", tags=[FLAG]) == (200, "")
    assert created(live, "s3://bucket/other", tags=[FLAG])[0] == 400


def test_a_wrong_pattern_ends_the_server_at_its_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mlyard", "server", "--port", "0"],
        cwd=tmp_path, env=clean_environment(**{f"MLYARD_{NAME}": "("}),
        capture_output=True, text=True, check=False, timeout=START_SECONDS,
    )  # fmt: skip
    assert done.returncode != 0
    assert f"MLYARD_{NAME}" in done.stderr
    assert "expected a regular expression" in done.stderr
