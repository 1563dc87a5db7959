"""The fuzzers, each for a bounded number of runs, from the attacks that are known."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, SOAK, clean_environment
from tests.unit.artifacts.test_paths import PLAIN, REFUSED

RUNS = 3_000_000 if SOAK else 60_000
PLACES = [
    "mlflow-artifacts:/1/RUN/artifacts/model",
    "mlflow-artifacts:/..%2f..%2fetc",
    "runs:/RUN/model",
    "runs:/RUN/../../etc",
    "runs:/RUN//etc",
    "mlflow-artifacts:/0/RUN/artifacts//etc",
    "models:/m/1/../../x",
    "s3://mlflow/x",
    "s3://b/../../etc",
    "file://localhost/etc",
    "file:///etc#f",
    "/srv/artifacts/1",
    "http:///#/../../../../etc/",
    "C:\\Windows",
    "data:,x",
    "//etc",
]


def test_artifact_names(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris comes for Linux on x86-64 alone")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    texts = [*PLAIN, *(path for path, _ in REFUSED), *PLACES]
    for number, text in enumerate(kind + text for text in texts for kind in "\0\1\2"):
        (corpus / str(number)).write_text(text)
    command = [sys.executable, "-m", "tests.fuzz.artifact_names", f"-runs={RUNS}", "-max_len=300", "-seed=1", corpus]
    done = subprocess.run(
        command, cwd=tmp_path, env=clean_environment(PYTHONPATH=str(ROOT)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    assert f"Done {RUNS} runs" in done.stderr
