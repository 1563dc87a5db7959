"""Searching runs: filters, order, pages, views, refusals."""

from __future__ import annotations

import math

from basis import ACTIVE, ALL, DELETED, INVALID, Tour, equal, pages, refused
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

# Filters with the runs that they find, of seven numbered runs.
FILTERS = (
    ("", "0123456"),
    ("metrics.m > 3", "456"),
    ("metric.m >= 3", "3456"),
    ("metrics.m < 3", "012"),
    ("metrics.m <= 3", "0123"),
    ("metrics.m = 3", "3"),
    ("metrics.m != 3", "012456"),
    ("metrics.m > -1.5e0", "0123456"),
    ("metrics.`a b` = 4", "4"),
    ('metrics."a b" > 4.5', "56"),
    ("metrics.none > 0", ""),
    ("metrics.M > 3", ""),
    ("params.p = '3'", "3"),
    ("param.p != '3'", "012456"),
    ('parameters.p = "3"', "3"),
    ("params.word LIKE 'Word%'", "0246"),
    ("params.word ILIKE 'Word%'", "0123456"),
    ("params.word LIKE 'word_'", "135"),
    ('params.`x/y z` = "it\'s 5"', "5"),
    ("params.p = 3", None),
    ("tags.side = 'even'", "0246"),
    ("tag.side != 'even'", "135"),
    ("tags.`a.b` LIKE '%3'", "3"),
    ("tags.only = 'here'", "6"),
    ("tags.only != 'here'", ""),
    ("metrics.m > 1 AND params.word LIKE 'Word%' and tags.side = 'even' AND metrics.m < 6", "24"),
    ("attributes.status = 'FINISHED'", "036"),
    ("status != 'FINISHED'", "1245"),
    ("attribute.status = 'FAILED'", "14"),
)
# The same with words that came with later servers.
LATER_FILTERS = (
    ("attributes.start_time >= 1003", "3456"),
    ("start_time < 1002", "01"),
    ("attributes.end_time > 2000", "0"),
    ("run_name = 'run 5'", "5"),
    ("attributes.`run name` ILIKE 'RUN _'", "0123456"),
    ("tags.`mlflow.runName` = 'run 2'", "2"),
    ("attributes.run_id LIKE '%'", "0123456"),
    ("attributes.artifact_uri LIKE '%artifacts%'", "0123456"),
    ("attributes.lifecycle_stage = 'active'", None),
)
BAD = (
    "metrics.m",
    "metrics.m >",
    "metrics.m > 'a'",
    "metrics.m LIKE 'a'",
    "metrics.m > 1 OR metrics.m < 0 OR",
    "params.p > '3'",
    "params.p = '3",
    "tags.side = even",
    "other.m = 1",
    "m = 1",
    "attributes.status > 'FINISHED'",
    "attributes.nothing = 'a'",
    "metrics.m > 1; metrics.m < 0",
)


def seven_runs(tour: Tour) -> tuple[str, list[str]]:
    """An experiment and its runs, from the first to the last."""
    client, experiment_id = tour.client, tour.experiment()
    run_ids = []
    for number in range(7):
        tags = {"mlflow.runName": f"run {number}", "side": "odd" if number % 2 else "even", "a.b": f"b{number}"}
        run_id = client.create_run(experiment_id, start_time=1000 + number, tags=tags).info.run_id
        word = f"word{number}" if number % 2 else f"Word{number}"
        points = [Metric("m", float(number), 1, 0), Metric("a b", float(number), 1, 0)]
        values = [Param("p", str(number)), Param("word", word), Param("x/y z", f"it's {number}")]
        client.log_batch(run_id, points, values, [RunTag("only", "here")] if number == 6 else [])
        status = ("FINISHED", "FAILED", "RUNNING")[number % 3]
        if status != "RUNNING":
            client.set_terminated(run_id, status, 2000 - number + (10 if number == 0 else 0))
        run_ids.append(run_id)
    return experiment_id, run_ids


def ids(found: list[object]) -> list[str]:
    return [run.info.run_id for run in found]  # type: ignore[attr-defined]


def found(tour: Tour, run_ids: list[str], experiment_id: str, text: str) -> str:
    """The numbers of the runs that the filter finds, or the code of its refusal."""
    try:
        runs = tour.client.search_runs([experiment_id], text)
    except MlflowException as error:
        return str(error.error_code)
    return "".join(str(run_ids.index(run_id)) for run_id in ids(runs))


def filters(tour: Tour) -> None:
    experiment_id, run_ids = seven_runs(tour)
    problems = []
    for text, expected in FILTERS + LATER_FILTERS:
        seen = found(tour, run_ids, experiment_id, text)
        if seen != (INVALID if expected is None else expected[::-1]):
            problems.append((text, expected, seen))
    assert not problems, problems


def filters_by_id(tour: Tour) -> None:
    experiment_id, run_ids = seven_runs(tour)
    for text in (f"attributes.run_id = '{run_ids[2]}'", f"run_id IN ('{run_ids[2]}')"):
        equal(ids(tour.client.search_runs([experiment_id], text)), [run_ids[2]])
    text = f"attributes.run_id IN ('{run_ids[2]}', '{run_ids[5]}', 'x')"
    equal(ids(tour.client.search_runs([experiment_id], text)), [run_ids[5], run_ids[2]])
    text = f"attributes.run_id NOT IN ('{run_ids[2]}', '{run_ids[5]}')"
    equal(len(tour.client.search_runs([experiment_id], text)), 5)


def order(tour: Tour) -> None:
    client = tour.client
    experiment_id, run_ids = seven_runs(tour)
    client.log_metric(run_ids[1], "some", math.nan)
    client.log_metric(run_ids[2], "some", math.inf)
    client.log_metric(run_ids[4], "some", -math.inf)
    client.log_metric(run_ids[5], "some", 0.0)
    cases = (
        (["metrics.m ASC"], [0, 1, 2, 3, 4, 5, 6]),
        (["metrics.m DESC"], [6, 5, 4, 3, 2, 1, 0]),
        (["metrics.some"], [4, 5, 2, 1, 6, 3, 0]),
        (["metrics.some DESC"], [2, 5, 4, 1, 6, 3, 0]),
        (["params.word"], [0, 2, 4, 6, 1, 3, 5]),
        (["tags.side DESC", "params.p ASC"], [1, 3, 5, 0, 2, 4, 6]),
        (["tags.only"], [6, 5, 4, 3, 2, 1, 0]),
        (["attributes.start_time ASC"], [0, 1, 2, 3, 4, 5, 6]),
        (["start_time desc"], [6, 5, 4, 3, 2, 1, 0]),
        (["attribute.status", "metrics.`a b` ASC"], [1, 4, 0, 3, 6, 2, 5]),
        (["attributes.end_time ASC"], [6, 4, 3, 1, 0, 5, 2]),
        (["run_name DESC"], [6, 5, 4, 3, 2, 1, 0]),
    )
    problems = []
    for clauses, expected in cases:
        seen = [run_ids.index(run_id) for run_id in ids(client.search_runs([experiment_id], order_by=clauses))]
        if seen != expected:
            problems.append((clauses, expected, seen))
    assert not problems, problems
    for bad in (["metrics.m UP"], ["other.m"], ["metrics"], ["attributes.nothing"], ["metrics.m ASC DESC"]):
        refused(INVALID, client.search_runs, [experiment_id], order_by=bad)


def by_pages(tour: Tour) -> None:
    client = tour.client
    experiment_id, run_ids = seven_runs(tour)
    query = {"experiment_ids": [experiment_id], "order_by": ["metrics.m ASC"]}
    paged = [ids(page) for page in pages(client.search_runs, 3, **query)]
    equal(paged, [run_ids[:3], run_ids[3:6], run_ids[6:]])
    paged = [ids(page) for page in pages(client.search_runs, 2, **query, filter_string="tags.side = 'even'")]
    equal([run_id for page in paged for run_id in page], run_ids[::2])
    equal([page for page in paged if page], [run_ids[0:4:2], run_ids[4::2]])
    paged = [ids(page) for page in pages(client.search_runs, 2, experiment_ids=[experiment_id])]
    equal([run_id for page in paged for run_id in page], run_ids[::-1])
    paged = [
        ids(page)
        for page in pages(client.search_runs, 2, experiment_ids=[experiment_id], order_by=["metrics.none", "tags.only"])
    ]
    equal([run_id for page in paged for run_id in page], run_ids[::-1])
    refused(INVALID, client.search_runs, [experiment_id], page_token="no token")


def views(tour: Tour) -> None:
    client = tour.client
    experiment_id, run_ids = seven_runs(tour)
    client.delete_run(run_ids[3])
    equal(ids(client.search_runs([experiment_id], run_view_type=DELETED)), [run_ids[3]])
    equal(ids(client.search_runs([experiment_id], run_view_type=ALL)), run_ids[::-1])
    equal(len(client.search_runs([experiment_id], run_view_type=ACTIVE)), 6)
    equal(len(client.search_runs([experiment_id], "metrics.m < 4")), 3)


def several_experiments(tour: Tour) -> None:
    client = tour.client
    one, two = tour.experiment(), tour.experiment()
    first, second = tour.run(one), tour.run(two)
    equal(set(ids(client.search_runs([one, two]))), {first, second})
    equal(ids(client.search_runs([two])), [second])
    equal(list(client.search_runs([tour.experiment()])), [])
    equal(ids(client.search_runs(one)) if tour.version >= (1, 0) else [first], [first])


def whole_runs(tour: Tour) -> None:
    """What a search finds is what get_run gives."""
    client = tour.client
    experiment_id, _ = seven_runs(tour)
    for run in client.search_runs([experiment_id]):
        same = client.get_run(run.info.run_id)
        equal(run.to_dictionary()["data"], same.to_dictionary()["data"])
        equal(dict(run.info), dict(same.info))


def refusals(tour: Tour) -> None:
    experiment_id = tour.experiment()
    codes = {text: found(tour, [], experiment_id, text) for text in BAD}
    equal(codes, dict.fromkeys(BAD, INVALID))
    refused(INVALID, tour.client.search_runs, [experiment_id], max_results=50_001)
    refused(INVALID, tour.client.search_runs, [experiment_id], max_results=-1)


STEPS = (filters, filters_by_id, order, by_pages, views, several_experiments, whole_runs, refusals)
