"""Versions of registered models: create, get, stages, tags, search, download address, copy, delete."""

from __future__ import annotations

from typing import Any

from basis import INVALID, MISSING, Tour, equal, pages, refused
from registry import model_with_versions, version_source


def create_and_get(tour: Tour) -> None:
    client, name = tour.client, model_with_versions(tour, 0)
    run_id, source = version_source(tour)
    made = client.create_model_version(name, source, run_id)
    for version in (made, client.get_model_version(name, "1")):
        equal([version.name, str(version.version), version.current_stage], [name, "1", "None"])
        equal([version.source, version.run_id, version.status], [source, run_id, "READY"])
        equal(version.description or "", "")
        assert version.creation_timestamp > 1_500_000_000_000
        equal(version.last_updated_timestamp, version.creation_timestamp)
    equal(client.get_model_version_download_uri(name, "1"), source)
    if tour.version >= (1, 20):
        second = client.create_model_version(
            name, source, run_id, tags={"a": "b"}, run_link="http://somewhere/1", description="what it is"
        )
        for version in (second, client.get_model_version(name, "2")):
            equal([str(version.version), dict(version.tags)], ["2", {"a": "b"}])
            equal([version.run_link, version.description], ["http://somewhere/1", "what it is"])


def refusals(tour: Tour) -> None:
    client, name, none = tour.client, model_with_versions(tour, 1), tour.name()
    run_id, source = version_source(tour)
    refused(MISSING, client.create_model_version, none, source, run_id)
    refused(MISSING, client.get_model_version, name, "2")
    refused(MISSING, client.get_model_version, none, "1")
    refused(INVALID, client.get_model_version, name, "one")
    refused(MISSING, client.get_model_version_download_uri, name, "2")
    refused(MISSING, client.update_model_version, name, "2", description="d")
    refused(MISSING, client.delete_model_version, name, "2")
    refused(MISSING, client.transition_model_version_stage, name, "2", "Production")
    refused(INVALID, client.transition_model_version_stage, name, "1", "Nowhere")
    if tour.version >= (2, 0):
        refused(INVALID, client.create_model_version, name, "/etc", run_id)
        refused(INVALID, client.create_model_version, name, f"{source}/../../../other", run_id)


def update(tour: Tour) -> None:
    client, name = tour.client, model_with_versions(tour, 1)
    changed = client.update_model_version(name, "1", description="ünï")
    equal(client.get_model_version(name, "1").description, "ünï")
    if changed is not None:
        equal(changed.description, "ünï")
    seen = client.get_model_version(name, "1")
    assert seen.last_updated_timestamp >= seen.creation_timestamp


def tags(tour: Tour) -> None:
    if not tour.has("set_model_version_tag"):
        return
    client, name = tour.client, model_with_versions(tour, 1)
    client.set_model_version_tag(name, "1", "k", "v")
    client.set_model_version_tag(name, "1", "k", "w")
    client.set_model_version_tag(name, "1", "n", 1)
    equal(dict(client.get_model_version(name, "1").tags), {"k": "w", "n": "1"})
    client.delete_model_version_tag(name, "1", "n")
    client.delete_model_version_tag(name, "1", "n")
    equal(dict(client.get_model_version(name, "1").tags), {"k": "w"})
    refused(MISSING, client.set_model_version_tag, name, "2", "k", "v")
    refused(MISSING, client.delete_model_version_tag, name, "2", "k")
    if tour.version >= (1, 30):
        client.transition_model_version_stage(name, "1", "Staging")
        client.set_model_version_tag(name, key="s", value="by stage", stage="Staging")
        equal(client.get_model_version(name, "1").tags["s"], "by stage")
        client.delete_model_version_tag(name, key="s", stage="Staging")
        equal(dict(client.get_model_version(name, "1").tags), {"k": "w"})


def stages(tour: Tour) -> None:
    client, name = tour.client, model_with_versions(tour, 3)

    def seen() -> list[str]:
        return [client.get_model_version(name, number).current_stage for number in "123"]

    equal(list(client.get_model_version_stages(name, "1")), ["None", "Staging", "Production", "Archived"])
    changed = client.transition_model_version_stage(name, "1", "Production")
    equal([str(changed.version), changed.current_stage], ["1", "Production"])
    client.transition_model_version_stage(name, "2", "production")
    equal(seen(), ["Production", "Production", "None"])
    if tour.version >= (1, 10):
        client.transition_model_version_stage(name, "3", "Production", archive_existing_versions=True)
        equal(seen(), ["Archived", "Archived", "Production"])
    client.transition_model_version_stage(name, "3", "None")
    equal(seen()[2], "None")


def delete(tour: Tour) -> None:
    client, name = tour.client, model_with_versions(tour, 3)
    client.delete_model_version(name, "2")
    refused(MISSING, client.get_model_version, name, "2")
    refused(MISSING, client.delete_model_version, name, "2")
    refused(MISSING, client.get_model_version_download_uri, name, "2")
    equal(sorted(str(v.version) for v in client.search_model_versions(f"name='{name}'")), ["1", "3"])
    client.delete_model_version(name, "3")
    run_id, source = version_source(tour)
    equal(str(client.create_model_version(name, source, run_id).version), "4")


def numbers(found: Any) -> list[str]:
    return [str(version.version) for version in found]


def search(tour: Tour) -> None:
    client, name = tour.client, model_with_versions(tour, 0)
    first_run, first_source = version_source(tour)
    second_run, second_source = version_source(tour)
    client.create_model_version(name, first_source, first_run)
    client.create_model_version(name, second_source, second_run)
    client.create_model_version(name, second_source, second_run)
    equal(sorted(numbers(client.search_model_versions(f"name='{name}'"))), ["1", "2", "3"])
    equal(numbers(client.search_model_versions(f"run_id = '{first_run}'")), ["1"])
    equal(sorted(numbers(client.search_model_versions(f"run_id='{second_run}'"))), ["2", "3"])
    equal(list(client.search_model_versions(f"name = '{tour.name()}'")), [])
    equal(list(client.search_model_versions(f"run_id = '{tour.name()}'")), [])
    if tour.version >= (1, 13):
        query = f"run_id IN ('{first_run}', '{second_run}')"
        equal(sorted(numbers(client.search_model_versions(query))), ["1", "2", "3"])
        equal(numbers(client.search_model_versions(f"source_path = '{first_source}'")), ["1"])
    for bad in ("name", "name = a", "nme = 'a'", "name > 'a'", "name = 'a"):
        refused(INVALID, client.search_model_versions, bad)


def search_later(tour: Tour) -> None:
    """What came with 2.x: more fields, order, pages."""
    if tour.version < (2, 0):
        return
    client, name = tour.client, model_with_versions(tour, 5)
    mine = f"name = '{name}'"
    client.set_model_version_tag(name, "2", "k", "v")
    equal(numbers(client.search_model_versions(mine)), ["5", "4", "3", "2", "1"])
    equal(numbers(client.search_model_versions(f"{mine} AND version_number > 3")), ["5", "4"])
    equal(numbers(client.search_model_versions(f"{mine} AND version_number = 3")), ["3"])
    equal(numbers(client.search_model_versions(f"{mine} AND tags.k = 'v'")), ["2"])
    equal(numbers(client.search_model_versions(f"{mine} AND tags.`k` LIKE 'v%'")), ["2"])
    equal(numbers(client.search_model_versions(f"name LIKE '{name[:-1]}%' AND version_number <= 1 AND {mine}")), ["1"])
    equal(numbers(client.search_model_versions(mine, order_by=["version_number ASC"])), ["1", "2", "3", "4", "5"])
    client.update_model_version(name, "3", "newest")
    equal(numbers(client.search_model_versions(mine, order_by=["last_updated_timestamp DESC"]))[0], "3")
    paged = pages(client.search_model_versions, 2, filter_string=mine, order_by=["version_number ASC"])
    equal([numbers(page) for page in paged], [["1", "2"], ["3", "4"], ["5"]])
    assert len(client.search_model_versions(max_results=3)) == 3
    refused(INVALID, client.search_model_versions, mine, order_by=["nothing"])
    refused(INVALID, client.search_model_versions, mine, max_results=1_000_000)


def copy(tour: Tour) -> None:
    if not tour.has("copy_model_version"):
        return
    client, name, other = tour.client, model_with_versions(tour, 1), tour.name("Copy")
    client.set_model_version_tag(name, "1", "k", "v")
    copied = client.copy_model_version(f"models:/{name}/1", other)
    equal([copied.name, str(copied.version), copied.source], [other, "1", f"models:/{name}/1"])
    equal(dict(client.get_model_version(other, "1").tags), {"k": "v"})
    equal(client.get_model_version(other, "1").run_id, client.get_model_version(name, "1").run_id)
    again = client.copy_model_version(f"models:/{other}/1", other)
    equal(str(again.version), "2")
    original = client.get_model_version_download_uri(name, "1")
    equal([client.get_model_version_download_uri(other, number) for number in "12"], [original, original])


STEPS = (create_and_get, refusals, update, tags, stages, delete, search, search_later, copy)
