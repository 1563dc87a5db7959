"""Names in the paths of requests: each route takes them as they are, and no other name is meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from mlyard import MlyardClient
from mlyard.client.backends import open_backend
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.domain.list_tags import TAG_VERSIONS
from mlyard.wire.artifacts import ListLoggedModelArtifacts
from mlyard.wire.routes import LIST_LOGGED_MODEL_ARTIFACTS, ROUTES, WITH_SLASHES
from tests.conftest import LiveServer, fetch

KEYS = ("plain", "a/b", "a/b/c", "a b", "a:b", "ünï", "a.b", "tags/x", "artifacts/directories", "0")
# Names of nothing, which must not reach anything else.
NOBODYS = ("..", ".", "../..", "a/../b", "%2e%2e", "%41", "m-1?x=1", "m-1#x", "m-1;x", "ä", " ", "a\nb")


def _list(client: MlyardClient, name: str) -> Any:
    """The client has no call for this route."""
    session = open_backend(client.tracking_uri).session
    assert session
    return session.call(LIST_LOGGED_MODEL_ARTIFACTS, ListLoggedModelArtifacts(model_id=name))


CALLS: dict[str, Callable[[MlyardClient, str], Any]] = {
    "GET /logged-models/{model_id}": lambda client, name: client.get_logged_model(name),
    "PATCH /logged-models/{model_id}": lambda client, name: client.finalize_logged_model(name, "READY"),
    "DELETE /logged-models/{model_id}": lambda client, name: client.delete_logged_model(name),
    "PATCH /logged-models/{model_id}/tags": lambda client, name: client.set_logged_model_tags(name, {"k": "v"}),
    "POST /logged-models/{model_id}/add-to-tag": lambda client, name: client.store.logged_models.add_to_tag(
        name, TAG_VERSIONS, {"name": "m", "version": 1}
    ),
    "DELETE /logged-models/{model_id}/tags/{tag_key}": lambda client, name: client.delete_logged_model_tag(name, "k"),
    "POST /logged-models/{model_id}/params": lambda client, name: client.log_model_params(name, {"k": "v"}),
    "GET /logged-models/{model_id}/artifacts/directories": _list,
}


def test_every_route_with_a_name_in_its_path_is_here() -> None:
    with_names = [route for route in ROUTES if "{" in route.path]
    assert {f"{route.methods[0]} {route.path}" for route in with_names} == set(CALLS)
    fields = {field for route in with_names for field in re.findall(r"{(\w+)}", route.path)}
    assert fields - {"model_id"} == WITH_SLASHES
    assert all(
        route.path.endswith(f"{{{field}}}") for route in with_names for field in WITH_SLASHES & {route.path[-9:-1]}
    )


@pytest.mark.parametrize("name", NOBODYS)
@pytest.mark.parametrize("route", CALLS)
def test_a_name_of_nothing_finds_nothing(server: LiveServer, route: str, name: str) -> None:
    with pytest.raises((DoesNotExist, InvalidParameter)):
        CALLS[route](MlyardClient(server.url), name)


@pytest.mark.parametrize("key", KEYS)
def test_a_tag_is_deleted_by_its_own_name(server: LiveServer, key: str) -> None:
    client = MlyardClient(server.url)
    model = client.create_logged_model("0", "line", tags=dict.fromkeys(KEYS, "v"))
    client.delete_logged_model_tag(model.model_id, key)
    assert set(client.get_logged_model(model.model_id).tags) == set(KEYS) - {key}
    with pytest.raises(DoesNotExist, match="No tag with key"):
        client.delete_logged_model_tag(model.model_id, key)


@pytest.mark.parametrize("key", NOBODYS)
def test_a_tag_that_cannot_be_deletes_nothing(server: LiveServer, key: str) -> None:
    client = MlyardClient(server.url)
    model = client.create_logged_model("0", "line", tags={"A": "v", "b": "v"})
    with pytest.raises((DoesNotExist, InvalidParameter)):
        client.delete_logged_model_tag(model.model_id, key)
    assert client.get_logged_model(model.model_id).tags == {"A": "v", "b": "v"}


def test_clients_that_do_not_encode_slashes(server: LiveServer) -> None:
    """As MLflow's client."""
    client = MlyardClient(server.url)
    model = client.create_logged_model("0", "line", tags={"a/b": "v"})
    address = f"{server.url}/api/2.0/mlflow/logged-models/{model.model_id}/tags/a/b"
    assert fetch("DELETE", address).status == 200
    assert client.get_logged_model(model.model_id).tags == {}
