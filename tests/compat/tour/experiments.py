"""Experiments: create, get, list, search, rename, tags, delete, restore."""

from __future__ import annotations

from basis import ACTIVE, ALL, DELETED, INVALID, MISSING, NO_EXPERIMENT, TAKEN, Tour, equal, now, pages, refused


def create_and_get(tour: Tour) -> None:
    client, name = tour.client, tour.name("Ünïcode / experiment")
    before = now()
    made = client.create_experiment(name, str(tour.folder))
    assert isinstance(made, str)
    for experiment in (client.get_experiment(made), client.get_experiment_by_name(name)):
        equal([experiment.experiment_id, experiment.name, experiment.lifecycle_stage], [made, name, "active"])
        equal(experiment.artifact_location, str(tour.folder))
        equal(dict(experiment.tags), {})
        if tour.version >= (1, 29):
            assert before <= experiment.creation_time <= experiment.last_update_time <= now()
    equal(client.get_experiment_by_name(tour.name()), None)
    place = client.get_experiment(client.create_experiment(tour.name())).artifact_location
    assert place, "no artifact location of the server's choice"


def the_default_one(tour: Tour) -> None:
    experiment = tour.client.get_experiment("0")
    equal([experiment.experiment_id, experiment.name], ["0", "Default"])
    equal(tour.client.get_experiment_by_name("Default").experiment_id, "0")


def refusals(tour: Tour) -> None:
    client, name = tour.client, tour.name()
    client.create_experiment(name)
    refused(TAKEN, client.create_experiment, name)
    refused(INVALID, client.create_experiment, "")
    refused(MISSING, client.get_experiment, NO_EXPERIMENT)
    refused(MISSING, client.delete_experiment, NO_EXPERIMENT)
    refused(MISSING, client.restore_experiment, NO_EXPERIMENT)
    refused(MISSING, client.rename_experiment, NO_EXPERIMENT, "new")
    refused(MISSING, client.set_experiment_tag, NO_EXPERIMENT, "k", "v")
    refused(MISSING, client.create_run, NO_EXPERIMENT)


def tags(tour: Tour) -> None:
    client = tour.client
    if tour.version >= (1, 20):
        made = client.create_experiment(tour.name(), tags={"first": "1", "number": "2"})
        equal(dict(client.get_experiment(made).tags), {"first": "1", "number": "2"})
    else:
        made = tour.experiment()
    client.set_experiment_tag(made, "first", "new")
    client.set_experiment_tag(made, "number", 3)
    client.set_experiment_tag(made, "long", "ü\n" * 2000)
    equal(dict(client.get_experiment(made).tags), {"first": "new", "number": "3", "long": "ü\n" * 2000})
    refused(INVALID, client.set_experiment_tag, made, "k" * 251, "v")
    if tour.has("delete_experiment_tag"):
        client.delete_experiment_tag(made, "long")
        equal(sorted(client.get_experiment(made).tags), ["first", "number"])
        refused(MISSING, client.delete_experiment_tag, made, "long")


def rename(tour: Tour) -> None:
    client, old, new, taken = tour.client, tour.name(), tour.name(), tour.name()
    made = client.create_experiment(old)
    client.create_experiment(taken)
    client.rename_experiment(made, new)
    equal(client.get_experiment(made).name, new)
    equal(client.get_experiment_by_name(old), None)
    equal(client.get_experiment_by_name(new).experiment_id, made)
    # MLflow's SQL stores pass on the database's refusal.
    refused(TAKEN + " BAD_REQUEST", client.rename_experiment, made, taken)
    equal(client.get_experiment(made).name, new)


def delete_and_restore(tour: Tour) -> None:
    client, name = tour.client, tour.name()
    made = client.create_experiment(name)
    run_id = tour.run(made)
    client.delete_experiment(made)
    equal(client.get_experiment(made).lifecycle_stage, "deleted")
    equal(client.get_experiment_by_name(name).lifecycle_stage, "deleted")
    equal(client.get_run(run_id).info.lifecycle_stage, "deleted")
    refused(TAKEN, client.create_experiment, name)
    refused(INVALID, client.create_run, made)
    refused(INVALID, client.set_experiment_tag, made, "k", "v")
    refused(INVALID + " " + MISSING, client.delete_experiment, made)
    client.restore_experiment(made)
    equal(client.get_experiment(made).lifecycle_stage, "active")
    equal(client.get_run(run_id).info.lifecycle_stage, "active")
    assert tour.run(made)
    refused(INVALID + " " + MISSING, client.restore_experiment, made)


def list_all(tour: Tour) -> None:
    """The listing of 1.x."""
    if not tour.has("list_experiments"):
        return
    client = tour.client
    kept, gone = tour.experiment(), tour.experiment()
    client.delete_experiment(gone)
    for view, expected in ((ACTIVE, {kept}), (DELETED, {gone}), (ALL, {kept, gone})):
        found = {experiment.experiment_id for experiment in client.list_experiments(view)}
        equal(found & {kept, gone}, expected)
    if tour.version >= (1, 24):
        paged = pages(client.list_experiments, 20, view_type=ALL)
        listed = [experiment.experiment_id for page in paged for experiment in page]
        equal(len(listed), len(set(listed)))
        assert {kept, gone} <= set(listed)


def searched(tour: Tour, filter_string: str, **query: object) -> list[str]:
    found = tour.client.search_experiments(filter_string=filter_string, **query)
    return [experiment.name for experiment in found]


def search(tour: Tour) -> None:
    if not tour.has("search_experiments"):
        return
    client, start = tour.client, tour.name("Search")
    names = [f"{start}-{end}" for end in ("a", "B", "c", "d")]
    ids = [client.create_experiment(name, tags={"place": name[-1], "start": start}) for name in names]
    a, b, c, d = names
    mine = f"tags.start = '{start}'"
    equal(searched(tour, mine), [d, c, b, a])
    equal(searched(tour, f"name = '{a}'"), [a])
    equal(searched(tour, f"attribute.name != '{a}' AND {mine}"), [d, c, b])
    equal(searched(tour, f"name LIKE '{start}-%'", order_by=["name ASC"]), [b, a, c, d])
    equal(searched(tour, f"name LIKE '{start.lower()}-%'"), [])
    equal(searched(tour, f"attribute.name ILIKE '{start.lower()}-B'"), [b])
    equal(searched(tour, f"tags.place = 'c' AND {mine}"), [c])
    equal(searched(tour, f"tag.`place` != 'c' AND {mine}"), [d, b, a])
    equal(searched(tour, f"tags.\"place\" LIKE '%a%' AND {mine}"), [a])
    equal(searched(tour, f"{mine} AND creation_time > 0 AND last_update_time > 0"), [d, c, b, a])
    equal(searched(tour, f"{mine} AND creation_time < 5"), [])
    equal(searched(tour, mine, order_by=["name DESC"]), [d, c, a, b])
    equal(searched(tour, mine, order_by=["creation_time ASC", "experiment_id ASC"]), names)
    # Their numbers count, not their digits: 9 comes before 10.
    numbers = [int(found.experiment_id) for found in client.search_experiments(ALL, order_by=["experiment_id"])]
    equal(numbers, sorted(numbers))
    client.set_experiment_tag(ids[0], "touched", "yes")
    client.rename_experiment(ids[1], b + "b")
    equal(searched(tour, mine, order_by=["last_update_time DESC"])[0], b + "b")
    client.delete_experiment(ids[2])
    equal(searched(tour, mine, order_by=["name"]), [b + "b", a, d])
    equal(searched(tour, mine, view_type=DELETED), [c])
    equal(searched(tour, mine, view_type=ALL, order_by=["name"]), [b + "b", a, c, d])


def search_by_pages(tour: Tour) -> None:
    if not tour.has("search_experiments"):
        return
    client, start = tour.client, tour.name("pages")
    names = [f"{start}-{number}" for number in range(7)]
    for name in names:
        client.create_experiment(name)
    query = f"name LIKE '{start}%'"
    paged = pages(client.search_experiments, 3, filter_string=query, order_by=["name ASC"])
    equal([[experiment.name for experiment in page] for page in paged], [names[:3], names[3:6], names[6:]])
    paged = pages(client.search_experiments, 7, filter_string=query)
    equal([experiment.name for experiment in paged[0]], names[::-1])
    equal(len(client.search_experiments(filter_string=query, max_results=1)), 1)


def search_refusals(tour: Tour) -> None:
    if not tour.has("search_experiments"):
        return
    client = tour.client
    for bad in ("name", "name =", "nme = 'a'", "name > 'a'", "params.a = 'b'", "name = a", "tags.a > 'b'", "name = 'a"):
        refused(INVALID, client.search_experiments, filter_string=bad)
    refused(INVALID, client.search_experiments, order_by=["nme"])
    refused(INVALID, client.search_experiments, order_by=["name UP"])
    refused(INVALID, client.search_experiments, max_results=-1)
    refused(INVALID, client.search_experiments, max_results=1_000_000)


STEPS = (
    create_and_get,
    the_default_one,
    refusals,
    tags,
    rename,
    delete_and_restore,
    list_all,
    search,
    search_by_pages,
    search_refusals,
)
