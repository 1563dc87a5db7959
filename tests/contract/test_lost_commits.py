"""Every write, on a connection that is lost after the commit: the caller sees success."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlyard.ports.store import Store
from mlyard.stores.sql.store import open_sql_store
from tests.contract.every_write import WRITES, Entities
from tests.lossy import Lossy, lossy
from tests.postgres import Cluster

COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"
"""The message in which PostgreSQL acknowledges a commit."""


@pytest.fixture(scope="module")
def proxy(postgres: Cluster) -> Iterator[Lossy]:
    with lossy(postgres.port, COMMITTED) as made:
        yield made


@pytest.fixture(scope="module")
def store(postgres: Cluster, proxy: Lossy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    uri = postgres.new_database().replace(f":{postgres.port}/", f":{proxy.port}/")
    root: Path = tmp_path_factory.mktemp("lossy")
    opened = open_sql_store(uri, str(root))
    yield opened
    opened.close()


READS = {
    "get",
    "get_many",
    "get_by_name",
    "get_by_alias",
    "search",
    "search_datasets",
    "latest_versions",
    "download_uri",
}
# Clients use create and log_batch; end_lost belongs to the server, which repeats it.
OTHERS = {"submit_create", "submit_batch", "end_lost"}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_whose_acknowledgement_is_lost_succeeds(store: Store, proxy: Lossy, write: str) -> None:
    entities = Entities(store, write)
    proxy.lose_next()
    WRITES[write](store, entities)
    assert not proxy.take_back(), "nothing was committed"


def test_the_table_has_all_writes_of_all_ports(store: Store) -> None:
    ports = ("experiments", "runs", "logged_models", "registered_models", "model_versions")
    methods = {f"{port}.{name}" for port in ports for name in dir(getattr(store, port)) if not name.startswith("_")}
    left = {method for method in methods - set(WRITES) if method.partition(".")[2] not in READS | OTHERS}
    assert left == set()
