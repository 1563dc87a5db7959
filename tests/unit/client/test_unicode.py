"""A text with half a surrogate pair is refused by an error of ours, in each field and on each store."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import InvalidParameter, MlyardError

HALF = "a\ud83e"
Call = Callable[[mlyard.MlyardClient, str], object]
# Calls with a text of our own, and what the refusal names.
NAMED: dict[str, tuple[Call, str]] = {
    "param": (lambda client, run: client.log_param(run, "p", HALF), "p"),
    "tag": (lambda client, run: client.set_tag(run, "t", HALF), "t"),
    "text": (lambda client, run: client.log_text(run, HALF, "x.txt"), "x.txt"),
    "yaml": (lambda client, run: client.log_text(run, HALF, "x.yaml"), "x.yaml"),
    "table": (lambda client, run: client.log_table(run, {"answer": [HALF]}, "x.json"), r"a\ud83e"),
}
OTHERS: dict[str, Call] = {
    "param key": lambda client, run: client.log_param(run, HALF, "1"),
    "tag key": lambda client, run: client.set_tag(run, HALF, "1"),
    "metric key": lambda client, run: client.log_metric(run, HALF, 1),
    "300 params": lambda client, run: client.log_batch(
        run, params=[mlyard.entities.Param(f"k{n}", HALF if n == 299 else "1") for n in range(300)]
    ),
    "run name": lambda client, _: client.create_run("0", run_name=HALF),
    "tag of a new run": lambda client, _: client.create_run("0", tags={"t": HALF}),
    "new run name": lambda client, run: client.update_run(run, name=HALF),
    "experiment": lambda client, _: client.create_experiment(HALF),
    "experiment's tag": lambda client, _: client.set_experiment_tag("0", "t", HALF),
    "search": lambda client, _: client.search_runs(["0"], f"params.p = '{HALF}'"),
    "order": lambda client, _: client.search_runs(["0"], order_by=[f"params.`{HALF}`"]),
    "registered model": lambda client, _: client.create_registered_model(HALF),
    "description": lambda client, _: client.create_registered_model("Line", description=HALF),
    "model's tag": lambda client, _: client.create_registered_model("Line", tags={"t": HALF}),
    "get a model": lambda client, _: client.get_registered_model(HALF),
    "get a run": lambda client, _: client.get_run(HALF),
    "get an experiment": lambda client, _: client.get_experiment(HALF),
    "logged model": lambda client, _: client.create_logged_model("0", HALF),
    "logged model's param": lambda client, _: client.create_logged_model("0", "line", params={"p": HALF}),
    "history": lambda client, run: client.get_metric_history(run, HALF) or client.get_run(HALF),
    "artifact's path": lambda client, run: client.log_text(run, "x", HALF),
    "list": lambda client, run: client.list_artifacts(run, HALF),
}


@pytest.fixture(params=["sqlite", "postgres", "http"])
def client(request: pytest.FixtureRequest) -> mlyard.MlyardClient:
    if request.param == "http":
        return mlyard.MlyardClient(request.getfixturevalue("server").url)
    if request.param == "postgres":
        return mlyard.MlyardClient(request.getfixturevalue("postgres").new_database())
    return mlyard.MlyardClient()


def test_every_field(client: mlyard.MlyardClient) -> None:
    run = client.create_run("0").info.run_id
    before = client.get_run(run)
    outcomes: dict[str, str] = {}
    for name, call in {**{name: call for name, (call, _) in NAMED.items()}, **OTHERS}.items():
        try:
            call(client, run)
            outcomes[name] = "taken"
        except MlyardError as error:
            if name in NAMED and NAMED[name][1] not in str(error):
                outcomes[name] = f"not named: {error}"
            str(error).encode()  # it can be printed
        except Exception as error:  # noqa: BLE001 - all of them are shown at once
            outcomes[name] = repr(error)
    assert outcomes == {}
    assert client.get_run(run) == before
    assert client.list_artifacts(run) == []


@pytest.mark.skipif(os.name == "nt", reason="names are text on Windows")
def test_files_whose_names_are_not_utf8(client: mlyard.MlyardClient, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    latin = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.csv"))
    latin.write_text("x")
    run = client.create_run("0").info.run_id
    for call in (lambda: client.log_artifact(run, latin), lambda: client.log_artifacts(run, folder)):
        with pytest.raises(InvalidParameter, match=r"caf\\udce9\.csv"):
            call()
    assert client.list_artifacts(run) == []
