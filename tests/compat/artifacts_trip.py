"""Run by a real MLflow client: files up and down, at the tracking URI and artifact location given.

Prints the run's id and what was found different. Usage: artifacts_trip.py URI LOCATION BYTES
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

import mlflow


def main(uri: str, location: str, size: int) -> None:
    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    name = f"trip-{os.urandom(8).hex()}"
    experiment = client.create_experiment(name, artifact_location=location or None)
    run_id = client.create_run(experiment).info.run_id
    folder = Path(tempfile.mkdtemp())
    (folder / "tree" / "sub").mkdir(parents=True)
    (folder / "large.bin").write_bytes(os.urandom(size))
    (folder / "tree" / "a ü.txt").write_text("a")
    (folder / "tree" / "sub" / "b.txt").write_text("b")

    client.log_artifact(run_id, str(folder / "large.bin"), "deep/er")  # a Path fails in parts
    client.log_artifacts(run_id, str(folder / "tree"), "tree")
    client.log_text(run_id, "hello", "notes/hello.txt")
    check([f.path for f in client.list_artifacts(run_id)], ["deep", "notes", "tree"])
    check([(f.path, f.file_size) for f in client.list_artifacts(run_id, "deep/er")], [("deep/er/large.bin", size)])
    if not location:
        check([Path(f.path).name for f in client.list_artifacts(run_id, "./tree/")], ["a ü.txt", "sub"])
        check(len(list(Path(client.download_artifacts(run_id, ".", tempfile.mkdtemp())).rglob("*.txt"))), 3)
    back = Path(client.download_artifacts(run_id, "", tempfile.mkdtemp()))
    check(digest(back / "deep/er/large.bin"), digest(folder / "large.bin"))
    check((back / "tree/a ü.txt").read_text() + (back / "tree/sub/b.txt").read_text(), "ab")
    check(mlflow.artifacts.load_text(f"runs:/{run_id}/notes/hello.txt"), "hello")
    sys.stdout.write(f"{run_id}\n")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check(found: object, wanted: object) -> None:
    if found != wanted:
        raise SystemExit(f"found {found!r}, wanted {wanted!r}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
