"""Artifacts: log, list, download; through the server, and in a local folder."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import mlflow
from basis import Tour, equal
from mlflow.exceptions import MlflowException


def listed(tour: Tour, run_id: str, path: str | None = None) -> list[tuple[Any, ...]]:
    # Over HTTP, MLflow's answer leaves out the size of an empty file.
    files = tour.client.list_artifacts(run_id, path)
    return [(file.path, file.is_dir, None if file.is_dir else file.file_size or 0) for file in files]


def local_run(tour: Tour) -> str:
    """A run whose artifacts are a folder of this machine."""
    place = str(tour.folder / "local artifacts")
    return tour.run(str(tour.client.create_experiment(tour.name(), place)))


def _both(step: Any) -> Any:
    """The step with a run in the usual place and with one in a local folder."""

    def twice(tour: Tour) -> None:
        step(tour, tour.run())
        step(tour, local_run(tour))

    twice.__name__ = step.__name__
    return twice


@_both
def files(tour: Tour, run_id: str) -> None:
    client = tour.client
    equal(listed(tour, run_id), [])
    client.log_artifact(run_id, tour.file("a.txt", "hello"))
    client.log_artifact(run_id, tour.file("a.txt", "deeper"), "sub/dir")
    client.log_artifact(run_id, tour.file("empty.txt", ""))
    equal(sorted(listed(tour, run_id)), [("a.txt", False, 5), ("empty.txt", False, 0), ("sub", True, None)])
    equal(listed(tour, run_id, "sub"), [("sub/dir", True, None)])
    equal(listed(tour, run_id, "sub/dir"), [("sub/dir/a.txt", False, 6)])
    equal(listed(tour, run_id, "none"), [])
    for path, text in (("a.txt", "hello"), ("sub/dir/a.txt", "deeper"), ("empty.txt", "")):
        equal(Path(client.download_artifacts(run_id, path)).read_text(), text)
    client.log_artifact(run_id, tour.file("a.txt", "newer"))
    equal(Path(client.download_artifacts(run_id, "a.txt", str(tour.folder))).read_text(), "newer")


@_both
def folders(tour: Tour, run_id: str) -> None:
    client = tour.client
    for name in ("in/1.txt", "in/x/2.txt", "in/x/y/3.txt"):
        tour.file(name, name)
    client.log_artifacts(run_id, str(tour.folder / "in"))
    client.log_artifacts(run_id, str(tour.folder / "in"), "again")
    equal(sorted(path for path, _, _ in listed(tour, run_id)), ["1.txt", "again", "x"])
    equal(sorted(path for path, _, _ in listed(tour, run_id, "again/x")), ["again/x/2.txt", "again/x/y"])
    target = tour.folder / f"out-{run_id}"
    target.mkdir()
    folder = Path(client.download_artifacts(run_id, "again", str(target)))
    equal(sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.txt")), ["1.txt", "x/2.txt", "x/y/3.txt"])
    whole = Path(client.download_artifacts(run_id, "", str(target)))
    equal((whole / "x/y/3.txt").read_text(), "in/x/y/3.txt")


@_both
def names_and_sizes(tour: Tour, run_id: str) -> None:
    client = tour.client
    names = ["with space.txt", "ünï.txt", "100% [a]+b&c=d.txt", "q;k.txt"]
    for name in names:
        client.log_artifact(run_id, tour.file(name, name), "odd names")
    equal(sorted(path for path, _, _ in listed(tour, run_id, "odd names")), sorted(f"odd names/{n}" for n in names))
    for name in names:
        equal(Path(client.download_artifacts(run_id, f"odd names/{name}")).read_text(), name)
    content = os.urandom(3 * 1024 * 1024 + 17)
    (tour.folder / "large.bin").write_bytes(content)
    client.log_artifact(run_id, str(tour.folder / "large.bin"))
    equal(Path(client.download_artifacts(run_id, "large.bin")).read_bytes() == content, True)
    equal([size for path, _, size in listed(tour, run_id) if path == "large.bin"], [len(content)])


@_both
def missing(tour: Tour, run_id: str) -> None:
    tour.client.log_artifact(run_id, tour.file())
    try:
        tour.client.download_artifacts(run_id, "none.txt")
    except Exception:  # noqa: BLE001 - each version has its own kind
        return
    raise AssertionError("a file that is not there was downloaded")


def outside(tour: Tour) -> None:
    """No path leaves the run's folder."""
    if not tour.knows_proxy:
        return
    run_id = tour.run()
    client = tour.client
    attempts = (
        (client.list_artifacts, "../"),
        (client.download_artifacts, "../../x"),
        (client.download_artifacts, "/x"),
    )
    for call, path in attempts:
        try:
            answer = call(run_id, path)
        except (MlflowException, OSError):
            continue
        raise AssertionError(f"{path} gave {answer}")


def texts_and_dicts(tour: Tour) -> None:
    if not tour.has("log_text"):
        return
    client, run_id = tour.client, tour.run()
    client.log_text(run_id, "ünï\n", "notes/text.txt")
    client.log_dict(run_id, {"a": [1, 2]}, "data.json")
    client.log_dict(run_id, {"a": "b"}, "data.yaml")
    equal(Path(client.download_artifacts(run_id, "notes/text.txt")).read_text(encoding="utf-8"), "ünï\n")
    equal(json.loads(Path(client.download_artifacts(run_id, "data.json")).read_text()), {"a": [1, 2]})
    equal(Path(client.download_artifacts(run_id, "data.yaml")).read_text().strip(), "a: b")


def pictures(tour: Tour) -> None:
    if not tour.has("log_image"):
        return
    import numpy
    from matplotlib.figure import Figure

    client, run_id = tour.client, tour.run()
    client.log_image(run_id, numpy.zeros((4, 5, 3), dtype=numpy.uint8), "black.png")
    client.log_figure(run_id, Figure(), "plots/empty.png")
    for path in ("black.png", "plots/empty.png"):
        equal(Path(client.download_artifacts(run_id, path)).read_bytes()[:4], b"\x89PNG")
    if tour.version >= (2, 11):
        client.log_image(run_id, numpy.ones((4, 5, 3), dtype=numpy.uint8), key="steps", step=3, synchronous=True)
        names = [path for path, _, _ in listed(tour, run_id, "images")]
        equal(len(names), 2)
        equal(all(name.startswith("images/steps") and "step" in name for name in names), True)


def tables(tour: Tour) -> None:
    if not tour.has("log_table"):
        return
    client, experiment_id = tour.client, tour.experiment()
    run_id = tour.run(experiment_id)
    client.log_table(run_id, {"q": ["a", "b"], "n": [1, 2]}, "table.json")
    client.log_table(run_id, {"q": ["c"], "n": [3]}, "table.json")
    table = client.load_table(experiment_id, "table.json", run_ids=[run_id], extra_columns=["run_id"])
    equal(list(table["q"]), ["a", "b", "c"])
    equal(set(table["run_id"]), {run_id})
    assert "table.json" in client.get_run(run_id).data.tags["mlflow.loggedArtifacts"]


def streams(tour: Tour) -> None:
    if not tour.has("log_stream"):
        return
    run_id = tour.run()
    tour.client.log_stream(run_id, io.BytesIO(b"\x00\x01" * 70_000), "deep/stream.bin")
    equal(Path(tour.client.download_artifacts(run_id, "deep/stream.bin")).read_bytes(), b"\x00\x01" * 70_000)


def by_address(tour: Tour) -> None:
    """The functions of mlflow.artifacts."""
    if tour.version < (1, 30):
        return
    run_id = tour.run()
    tour.client.log_text(run_id, "text", "sub/a.txt")
    place = tour.client.get_run(run_id).info.artifact_uri
    for address in (f"runs:/{run_id}/sub/a.txt", f"{place}/sub/a.txt"):
        equal(Path(mlflow.artifacts.download_artifacts(artifact_uri=address)).read_text(), "text")
        equal(mlflow.artifacts.load_text(address), "text")
    equal(Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="sub/a.txt")).read_text(), "text")
    if tour.version >= (2, 0):
        found = mlflow.artifacts.list_artifacts(run_id=run_id, artifact_path="sub")
        equal([file.path for file in found], ["sub/a.txt"])


STEPS = (
    files,
    folders,
    names_and_sizes,
    missing,
    outside,
    texts_and_dicts,
    pictures,
    tables,
    streams,
    by_address,
)
