"""Registered models: create, get, update, rename, tags, search, aliases, delete."""

from __future__ import annotations

from typing import Any

from basis import INVALID, MISSING, TAKEN, Tour, equal, pages, refused


def version_source(tour: Tour) -> tuple[str, str]:
    """A run, and an address of files of that run, which exist."""
    run_id = tour.run()
    tour.client.log_artifact(run_id, tour.file("MLmodel", "flavors: {}\n"), "model")
    return run_id, f"{tour.client.get_run(run_id).info.artifact_uri}/model"


def model_with_versions(tour: Tour, count: int) -> str:
    """The name of a new model with that many versions."""
    name = tour.name("Model")
    tour.client.create_registered_model(name)
    run_id, source = version_source(tour)
    for number in range(count):
        equal(str(tour.client.create_model_version(name, source, run_id).version), str(number + 1))
    return name


def create_and_get(tour: Tour) -> None:
    client, name = tour.client, tour.name("Ünï model")
    made = client.create_registered_model(name)
    for model in (made, client.get_registered_model(name)):
        equal([model.name, model.description or "", list(model.latest_versions or [])], [name, "", []])
        assert model.creation_timestamp > 1_500_000_000_000
        equal(model.last_updated_timestamp, model.creation_timestamp)
    if tour.version >= (1, 20):
        second = tour.name()
        client.create_registered_model(second, {"a": "b"}, "what it is")
        model = client.get_registered_model(second)
        equal([dict(model.tags), model.description], [{"a": "b"}, "what it is"])


def refusals(tour: Tour) -> None:
    client, name = tour.client, tour.name()
    client.create_registered_model(name)
    refused(TAKEN, client.create_registered_model, name)
    refused(INVALID, client.create_registered_model, "")
    none = tour.name()
    refused(MISSING, client.get_registered_model, none)
    refused(MISSING, client.delete_registered_model, none)
    refused(MISSING, client.rename_registered_model, none, tour.name())
    refused(MISSING, client.update_registered_model, none, description="d")
    refused(MISSING, client.get_latest_versions, none)
    if tour.has("set_registered_model_tag"):
        refused(MISSING, client.set_registered_model_tag, none, "k", "v")
        refused(MISSING, client.delete_registered_model_tag, none, "k")


def update_and_rename(tour: Tour) -> None:
    client, name, new = tour.client, model_with_versions(tour, 2), tour.name("New")
    equal(client.update_registered_model(name, description="ünï").description, "ünï")
    equal(client.get_registered_model(name).description, "ünï")
    client.rename_registered_model(name, new)
    refused(MISSING, client.get_registered_model, name)
    refused(MISSING, client.get_model_version, name, "1")
    model = client.get_registered_model(new)
    equal([model.name, model.description], [new, "ünï"])
    equal([client.get_model_version(new, number).name for number in ("1", "2")], [new, new])
    taken = model_with_versions(tour, 0)
    refused(TAKEN, client.rename_registered_model, new, taken)
    assert client.get_registered_model(new).last_updated_timestamp >= model.creation_timestamp


def tags(tour: Tour) -> None:
    if not tour.has("set_registered_model_tag"):
        return
    client, name = tour.client, model_with_versions(tour, 0)
    client.set_registered_model_tag(name, "k", "v")
    client.set_registered_model_tag(name, "k", "w")
    client.set_registered_model_tag(name, "n", 1)
    equal(dict(client.get_registered_model(name).tags), {"k": "w", "n": "1"})
    client.delete_registered_model_tag(name, "k")
    equal(dict(client.get_registered_model(name).tags), {"n": "1"})
    client.delete_registered_model_tag(name, "k")


def delete(tour: Tour) -> None:
    client, name = tour.client, model_with_versions(tour, 2)
    client.delete_registered_model(name)
    refused(MISSING, client.get_registered_model, name)
    refused(MISSING, client.get_model_version, name, "1")
    equal(list(client.search_model_versions(f"name='{name}'")), [])
    client.create_registered_model(name)
    run_id, source = version_source(tour)
    equal(str(client.create_model_version(name, source, run_id).version), "1")


def list_all(tour: Tour) -> None:
    """The listing of 1.x."""
    if not tour.has("list_registered_models"):
        return
    names = {model_with_versions(tour, 1) for _ in range(3)}
    if tour.version < (1, 9):
        listed = tour.client.list_registered_models()
    else:
        listed = [model for page in pages(tour.client.list_registered_models, 20) for model in page]
    assert names <= {model.name for model in listed}
    (seen,) = [model for model in listed if model.name == min(names)]
    equal([str(version.version) for version in seen.latest_versions], ["1"])


def found(tour: Tour, filter_string: str, **query: Any) -> list[str]:
    return [model.name for model in tour.client.search_registered_models(filter_string, **query)]


def search(tour: Tour) -> None:
    if not tour.has("search_registered_models"):
        return
    client, start = tour.client, tour.name("Find")
    a, b, c = names = [f"{start}-{end}" for end in ("A", "b", "c")]
    for name in names:
        client.create_registered_model(name, {"end": name[-1]})
    equal(found(tour, f"name = '{a}'"), [a])
    equal(found(tour, f"name LIKE '{start}%'"), [a, b, c])
    equal(found(tour, f"name LIKE '{start.lower()}%'"), [])
    equal(found(tour, f"name ILIKE '{start.lower()}-A'"), [a])
    equal(found(tour, f"name ILIKE '{start.lower()}%'", order_by=["name DESC"]), [c, b, a])
    equal(found(tour, f"name != '{a}' AND name LIKE '{start}%'"), [b, c])
    equal(found(tour, f"tags.end = 'b' AND name LIKE '{start}%'"), [b])
    equal(found(tour, f"tags.`end` != 'b' AND name LIKE '{start}%'"), [a, c])
    equal(found(tour, f"tag.end ILIKE 'C' AND name LIKE '{start}%'"), [c])
    equal(found(tour, f"name = '{start}'"), [])
    client.update_registered_model(b, description="newest")
    equal(found(tour, f"name LIKE '{start}%'", order_by=["last_updated_timestamp DESC"])[0], b)
    paged = pages(client.search_registered_models, 2, filter_string=f"name LIKE '{start}%'")
    equal([[model.name for model in page] for page in paged], [[a, b], [c]])
    paged = pages(client.search_registered_models, 1, filter_string=f"name LIKE '{start}%'", order_by=["name DESC"])
    equal([model.name for page in paged for model in page], [c, b, a])
    assert set(names) <= {model.name for page in pages(client.search_registered_models, 50) for model in page}


def search_refusals(tour: Tour) -> None:
    if not tour.has("search_registered_models"):
        return
    for bad in ("name", "name = a", "nme = 'a'", "name > 'a'", "run_id = 'a'", "name = 'a"):
        refused(INVALID, tour.client.search_registered_models, bad)
    refused(INVALID, tour.client.search_registered_models, order_by=["nme"])
    refused(INVALID, tour.client.search_registered_models, max_results=100_000)


def latest_versions(tour: Tour) -> None:
    client, name = tour.client, model_with_versions(tour, 4)
    for number, stage in (("1", "Production"), ("2", "Staging"), ("3", "Staging")):
        client.transition_model_version_stage(name, number, stage)

    def seen(versions: Any) -> list[tuple[str, str]]:
        return sorted((str(version.version), version.current_stage) for version in versions)

    everything = [("1", "Production"), ("3", "Staging"), ("4", "None")]
    equal(seen(client.get_registered_model(name).latest_versions), everything)
    equal(seen(client.get_latest_versions(name)), everything)
    equal(seen(client.get_latest_versions(name, ["Production"])), everything[:1])
    equal(seen(client.get_latest_versions(name, ["Production", "Staging"])), everything[:2])
    equal(seen(client.get_latest_versions(name, ["Archived"])), [])
    refused(INVALID, client.get_latest_versions, name, ["Nowhere"])


def aliases(tour: Tour) -> None:
    if not tour.has("set_registered_model_alias"):
        return
    client, name = tour.client, model_with_versions(tour, 2)
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "Other-1", "1")
    equal(str(client.get_model_version_by_alias(name, "champion").version), "1")
    equal(dict(client.get_registered_model(name).aliases), {"champion": "1", "Other-1": "1"})
    equal(sorted(client.get_model_version(name, "1").aliases), ["Other-1", "champion"])
    client.set_registered_model_alias(name, "champion", "2")
    equal(str(client.get_model_version_by_alias(name, "champion").version), "2")
    equal([list(client.get_model_version(name, number).aliases) for number in "12"], [["Other-1"], ["champion"]])
    client.delete_registered_model_alias(name, "champion")
    client.delete_registered_model_alias(name, "champion")
    refused(INVALID, client.get_model_version_by_alias, name, "champion")
    for bad in ("latest", "v1", "V12", "", "a b", "a" * 257):
        refused(INVALID, client.set_registered_model_alias, name, bad, "1")
    refused(MISSING, client.set_registered_model_alias, name, "champion", "9")
    refused(MISSING, client.set_registered_model_alias, tour.name(), "champion", "1")
    client.delete_model_version(name, "1")
    refused(INVALID + " " + MISSING, client.get_model_version_by_alias, name, "Other-1")


STEPS = (
    create_and_get,
    refusals,
    update_and_rename,
    tags,
    delete,
    list_all,
    search,
    search_refusals,
    latest_versions,
    aliases,
)
