"""The process that fetches a model to be served: whichever way it ends, its parent goes on and says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import START_SECONDS, clean_environment

URI = "runs:/0123456789abcdef0123456789abcdef/model"
# This process has threads, and so would fetch the model by itself.
PROGRAM = f"""
import sys
from pathlib import Path
from mlyard.core.errors import MlyardError
from mlyard.scoring.fetching import fetch_elsewhere

try:
    fetch_elsewhere({URI!r}, Path(sys.argv[1]))
except MlyardError as error:
    print(type(error).__name__, error)
finally:
    print("The caller goes on.")
"""
STORE = """
import os, signal
from mlyard.core.errors import PermissionDenied

class Panic(BaseException):
    pass

def open_store(*arguments, **options):
    {failure}
"""


def fetched(folder: Path, failure: str) -> list[str]:
    """What the program prints when the store of another package, which holds the model, fails."""
    (folder / "odd.py").write_text(STORE.format(failure=failure))
    information = folder / "odd-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[mlyard.stores]\nodd = odd:open_store\n")
    environment = clean_environment(PYTHONPATH=str(folder), MLYARD_TRACKING_URI="odd://store")
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    done = subprocess.run(
        command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True, check=True, timeout=START_SECONDS
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        ("raise OSError('disk full')", 1),
        ("raise Panic('a library failed')", 1),
        ("raise SystemExit(0)", 1),
        ("raise SystemExit(2)", 1),
        ("raise KeyboardInterrupt", 1),
        ("raise GeneratorExit", 1),
        ("os._exit(0)", 0),
        ("os._exit(7)", 7),
        ("os.kill(os.getpid(), signal.SIGKILL)", -9),
    ],
)
def test_any_end_of_the_process_is_one_error_in_its_parent(tmp_path: Path, failure: str, status: int) -> None:
    error, *rest = fetched(tmp_path, failure)
    assert error.startswith(f"MlyardError The process that fetched '{URI}' ended with status {status}:")
    assert rest == ["The caller goes on."]


def test_an_error_of_ours_arrives_as_it_is(tmp_path: Path) -> None:
    failure = "raise PermissionDenied('This store is closed.')"
    assert fetched(tmp_path, failure) == ["PermissionDenied This store is closed.", "The caller goes on."]
