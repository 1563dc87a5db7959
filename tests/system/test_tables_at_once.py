"""Threads and processes that log tables to one run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

from mlyard import MlyardClient
from mlyard.domain.list_tags import TAG_LOGGED_TABLES
from tests.conftest import clean_environment
from tests.system.conftest import at_once

PROGRAM = """
import sys
from mlyard import MlyardClient
uri, run_id, number = sys.argv[1:]
client = MlyardClient(uri)
for place in range(4):
    client.log_table(run_id, {"writer": number, "place": place}, f"{number}-{place}.json")
"""


def new_run(uri: str) -> tuple[MlyardClient, str]:
    client = MlyardClient(uri)
    return client, client.create_run("0").info.run_id


def test_tables_of_several_processes_are_all_listed(tracking: str) -> None:
    client, run_id = new_run(tracking)
    arguments = [[sys.executable, "-c", PROGRAM, tracking, run_id, str(number)] for number in range(4)]
    writers = [subprocess.Popen(each, env=clean_environment()) for each in arguments]
    assert [writer.wait() for writer in writers] == [0] * 4
    listed = json.loads(client.get_run(run_id).data.tags[TAG_LOGGED_TABLES])
    assert sorted(entry["path"] for entry in listed) == [f"{n}-{place}.json" for n in range(4) for place in range(4)]


def test_rows_of_several_threads_are_all_in_the_table(tracking: str) -> None:
    client, run_id = new_run(tracking)

    def log(number: int) -> Callable[[], None]:
        return lambda: client.log_table(run_id, {"row": [number]}, "rows.json")

    at_once([log(number) for number in range(16)])
    assert sorted(client.load_table("0", "rows.json", [run_id])["row"]) == list(range(16))
