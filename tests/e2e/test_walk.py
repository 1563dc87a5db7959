"""The tutorial's walk through the UI, in a real browser.

The fixture `seeded_server` gives a server with an experiment `experiment_name`, in it a run `run_name` with params,
metrics and a logged model "model", and a registered model `model_name` with at least one version.
"""

from __future__ import annotations

import re
from typing import Any, Protocol
from urllib.parse import quote

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import fetch

EVIL = "<img src=x onerror=alert(document.domain)>"
MODEL = "model"


class Seeded(Protocol):
    url: str
    experiment_name: str
    run_name: str
    model_name: str


def call(server: Seeded, path: str, **body: object) -> dict[str, Any]:
    """One POST to the API the pages use."""
    answer = fetch("POST", f"{server.url}/ajax-api/2.0/mlflow/{path}", json=body)
    assert answer.status == 200, answer.data
    return dict(msgspec.json.decode(answer.data))


def seeded_run(server: Seeded) -> dict[str, Any]:
    found = call(server, "experiments/search", max_results=10, filter=f"name = '{server.experiment_name}'")
    ids = [experiment["experiment_id"] for experiment in found["experiments"]]
    filtered = f"attributes.run_name = '{server.run_name}'"
    return dict(call(server, "runs/search", experiment_ids=ids, filter=filtered, max_results=1)["runs"][0])


def seeded_origin(server: Seeded) -> dict[str, str]:
    """What version 1 of the seeded model was made of."""
    wanted = fetch(
        "GET",
        f"{server.url}/ajax-api/2.0/mlflow/model-versions/get",
        fields={"name": server.model_name, "version": "1"},
    )
    version = msgspec.json.decode(wanted.data)["model_version"]
    return {key: version[key] for key in ("source", "run_id") if key in version}


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", level=1, name=name)


def open_seeded_run(page: Page, server: Seeded) -> None:
    page.goto(server.url)
    page.get_by_role("link", name=server.experiment_name, exact=True).click()
    page.get_by_role("table", name="Runs").get_by_role("link", name=server.run_name, exact=True).first.click()
    expect(heading(page, server.run_name)).to_be_visible()


def open_model(page: Page) -> None:
    """Select the logged model in the Artifacts section."""
    tree = page.get_by_role("tree", name="Artifacts")
    tree.get_by_role("treeitem", name=MODEL).first.get_by_role("button", name=MODEL, exact=True).first.click()
    expect(page.get_by_role("button", name="Register Model")).to_be_visible()


def test_experiments_and_runs(page: Page, seeded_server: Seeded) -> None:
    run = seeded_run(seeded_server)
    page.goto(seeded_server.url)
    expect(page).to_have_title("Experiments · mlyard")
    page.get_by_label("Search experiments").fill(seeded_server.experiment_name)
    page.get_by_role("link", name=seeded_server.experiment_name, exact=True).click()

    expect(page).to_have_title(f"{seeded_server.experiment_name} · mlyard")
    runs = page.get_by_role("table", name="Runs")
    expect(runs.get_by_role("link", name=seeded_server.run_name, exact=True).first).to_be_visible()
    for key in (run["data"]["metrics"][0]["key"], run["data"]["params"][0]["key"]):
        expect(runs.get_by_role("columnheader", name=key, exact=True)).to_be_visible()

    param = run["data"]["params"][0]
    search = page.get_by_label("Search runs")
    search.fill(f"params.`{param['key']}` = '{param['value']}'")
    search.press("Enter")
    expect(runs.get_by_role("link", name=seeded_server.run_name, exact=True).first).to_be_visible()
    search.fill("no run is named like this")
    search.press("Enter")
    expect(page.get_by_text("No run matches this search")).to_be_visible()


def test_a_wrong_search_gets_the_servers_answer(page: Page, seeded_server: Seeded, expected_errors: list[str]) -> None:
    expected_errors.append("status of 400")
    page.goto(seeded_server.url)
    page.get_by_role("link", name=seeded_server.experiment_name, exact=True).click()
    search = page.get_by_label("Search runs")
    search.fill("metrics. <")
    search.press("Enter")
    expect(page.locator("#run-search-error")).not_to_be_empty()
    search.fill("")
    search.press("Enter")
    expect(page.get_by_role("link", name=seeded_server.run_name, exact=True).first).to_be_visible()


def test_sorting_asks_the_server(page: Page, seeded_server: Seeded) -> None:
    key = seeded_run(seeded_server)["data"]["metrics"][0]["key"]
    page.goto(seeded_server.url)
    page.get_by_role("link", name=seeded_server.experiment_name, exact=True).click()
    header = page.get_by_role("table", name="Runs").get_by_role("columnheader", name=key, exact=True)
    expect(header).to_be_visible()
    for order in ("ascending", "descending"):
        with page.expect_request(lambda request: "runs/search" in request.url) as sent:
            header.get_by_role("button").click()
        assert sent.value.post_data_json["order_by"][0].endswith(" DESC" if order == "descending" else " ASC")
        expect(header).to_have_attribute("aria-sort", order)


def test_run_page(page: Page, seeded_server: Seeded) -> None:
    run = seeded_run(seeded_server)
    open_seeded_run(page, seeded_server)
    expect(page.get_by_text(run["info"]["run_id"]).first).to_be_visible()
    for title, entries in (("Parameters", run["data"]["params"]), ("Metrics", run["data"]["metrics"])):
        table = page.get_by_role("table", name=title)
        for entry in entries:
            expect(table.get_by_role("rowheader", name=entry["key"], exact=True)).to_be_visible()
    charts = page.get_by_role("region", name="Charts")
    expect(charts.get_by_role("article").first).to_be_visible()

    open_model(page)
    page.get_by_role("treeitem", name="MLmodel").get_by_role("button").click()
    expect(page.get_by_role("region", name="MLmodel")).to_contain_text("flavors:")


def test_a_history_is_drawn_as_a_line(page: Page, seeded_server: Seeded) -> None:
    run_id = seeded_run(seeded_server)["info"]["run_id"]
    metrics = [{"key": "walk/loss", "value": 1 / (step + 1), "timestamp": step, "step": step} for step in range(30)]
    call(seeded_server, "runs/log-batch", run_id=run_id, metrics=metrics)
    open_seeded_run(page, seeded_server)
    chart = page.get_by_role("img", name="Chart of walk/loss")
    expect(chart.locator("canvas")).to_be_visible()
    page.get_by_role("switch", name="Log scale").check()
    expect(chart.locator("canvas")).to_be_visible()


def test_register_and_promote(page: Page, seeded_server: Seeded) -> None:
    """UI Workflow of the tutorial, step by step."""
    name = f"Walk of {seeded_server.model_name}"
    open_seeded_run(page, seeded_server)
    open_model(page)
    page.get_by_role("button", name="Register Model").click()
    dialog = page.get_by_role("dialog", name="Register Model")
    dialog.get_by_label("Model name").fill(name)
    dialog.get_by_role("button", name="Register", exact=True).click()
    expect(dialog).to_be_hidden()

    page.get_by_role("link", name=f"Registered as {name} v1").first.click()
    expect(heading(page, "Version 1")).to_be_visible()
    expect(page.get_by_role("region", name="Schema")).to_contain_text("python_function")
    page.get_by_role("button", name="Stage: None").click()
    page.get_by_role("menuitem", name="Staging").click()
    page.get_by_role("button", name="Transition to Staging").click()
    expect(page.get_by_role("button", name="Stage: Staging")).to_be_visible()

    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Registered Models").click()
    row = page.get_by_role("table", name="Registered models").get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Staging · v1")
    row.get_by_role("link", name=name, exact=True).click()
    versions = page.get_by_role("table", name="Versions")
    expect(versions).to_contain_text("Staging")
    versions.get_by_role("link", name="Version 1").click()
    expect(page.get_by_role("button", name="Stage: Staging")).to_be_visible()


def test_register_under_an_existing_name_and_archive_the_old(page: Page, seeded_server: Seeded) -> None:
    name = f"Second of {seeded_server.model_name}"
    call(seeded_server, "registered-models/create", name=name)
    call(seeded_server, "model-versions/create", name=name, **seeded_origin(seeded_server))
    call(
        seeded_server,
        "model-versions/transition-stage",
        name=name,
        version="1",
        stage="Production",
        archive_existing_versions=False,
    )
    open_seeded_run(page, seeded_server)
    open_model(page)
    page.get_by_role("button", name="Register Model").click()
    dialog = page.get_by_role("dialog", name="Register Model")
    dialog.get_by_text("Existing model").click()
    dialog.get_by_role("combobox", name="Model").fill("Second of")
    page.get_by_role("option", name=name).click()
    dialog.get_by_role("button", name="Register", exact=True).click()

    page.get_by_role("link", name=f"Registered as {name} v2").first.click()
    page.get_by_role("button", name="Stage: None").click()
    page.get_by_role("menuitem", name="Production").click()
    page.get_by_label("Archive the other versions in Production").check()
    page.get_by_role("button", name="Transition to Production").click()
    expect(page.get_by_role("button", name="Stage: Production")).to_be_visible()
    page.goto(f"{seeded_server.url}/#/models/{quote(name)}/versions/1")
    expect(page.get_by_role("button", name="Stage: Archived")).to_be_visible()


def test_describe_tag_and_alias_a_version(page: Page, seeded_server: Seeded) -> None:
    page.goto(f"{seeded_server.url}/#/models/{quote(seeded_server.model_name)}/versions/1")
    page.get_by_role("button", name=re.compile("the description|a description")).click()
    page.get_by_role("textbox", name="Description").fill("walked over")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Description")).to_contain_text("walked over")

    page.get_by_label("New tag's key").fill("walked")
    page.get_by_label("New tag's value").fill("yes")
    page.get_by_role("button", name="Add tag").click()
    expect(page.get_by_role("button", name="Delete the tag walked")).to_be_visible()
    page.get_by_label("New alias").fill("walker")
    page.get_by_role("button", name="Add alias").click()
    expect(page.get_by_text("@walker")).to_be_visible()
    page.get_by_role("button", name="Remove the alias walker").click()
    expect(page.get_by_text("@walker")).to_be_hidden()


def test_create_and_delete(page: Page, seeded_server: Seeded) -> None:
    page.goto(seeded_server.url)
    page.get_by_role("button", name="New experiment").click()
    page.get_by_label("Name").fill("made by hand")
    page.get_by_role("button", name="Create").click()
    expect(page).to_have_title("made by hand · mlyard")
    expect(page.get_by_text("mlyard run examples/tutorial")).to_be_visible()

    experiment_id = page.url.rsplit("/", 1)[1]
    for name in ("kept", "thrown"):
        call(seeded_server, "runs/create", experiment_id=experiment_id, run_name=name, start_time=1)
    page.reload()
    page.get_by_label("Select thrown").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete 1 run").click()
    expect(page.get_by_role("link", name="thrown")).to_be_hidden()
    expect(page.get_by_role("link", name="kept")).to_be_visible()
    page.get_by_text("Deleted", exact=True).click()
    expect(page.get_by_role("link", name="thrown")).to_be_visible()


@pytest.mark.parametrize("tab", ["", "/artifacts", "/model-metrics"])
def test_links_that_clients_print_open_the_run(page: Page, seeded_server: Seeded, tab: str) -> None:
    info = seeded_run(seeded_server)["info"]
    page.goto(f"{seeded_server.url}/#/experiments/{info['experiment_id']}/runs/{info['run_id']}{tab}")
    expect(heading(page, seeded_server.run_name)).to_be_visible()


def test_what_is_missing_is_named(page: Page, seeded_server: Seeded, expected_errors: list[str]) -> None:
    expected_errors.append("status of 404")
    page.goto(f"{seeded_server.url}/#/models/nowhere/versions/7")
    expect(page.get_by_role("alert")).to_contain_text("version 7 of nowhere")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.goto(f"{seeded_server.url}/#/no/such/page")
    expect(page.get_by_text("There is no page at this address")).to_be_visible()


def test_markup_in_names_and_values_stays_text(page: Page, seeded_server: Seeded) -> None:
    """The fixture fails the test if a dialog opens or the browser refuses a script."""
    experiment_id = call(seeded_server, "experiments/create", name=EVIL)["experiment_id"]
    run = call(seeded_server, "runs/create", experiment_id=experiment_id, run_name=EVIL, start_time=1)["run"]
    run_id = run["info"]["run_id"]
    tags = [
        {"key": "evil", "value": EVIL},
        {"key": "mlflow.note.content", "value": EVIL},
        {"key": "mlflow.source.name", "value": "javascript:alert(1)"},
        {"key": "mlflow.user", "value": EVIL},
    ]
    call(seeded_server, "runs/log-batch", run_id=run_id, params=[{"key": "evil", "value": EVIL}], tags=tags)
    model = f"{EVIL.replace('/', '')} model"
    call(seeded_server, "registered-models/create", name=model, description=EVIL)
    call(seeded_server, "model-versions/create", name=model, description=EVIL, **seeded_origin(seeded_server))

    page.goto(seeded_server.url)
    page.get_by_role("link", name=EVIL, exact=True).click()
    expect(heading(page, EVIL)).to_be_visible()
    runs = page.get_by_role("table", name="Runs")
    expect(runs.get_by_role("cell", name=EVIL)).not_to_have_count(0)
    runs.get_by_role("link", name=EVIL).click()
    expect(page.get_by_role("region", name="Description")).to_contain_text(EVIL)
    expect(page.get_by_role("region", name="Tags")).to_contain_text(EVIL)
    expect(page.locator('a[href^="javascript:"]')).to_have_count(0)
    page.get_by_role("link", name="Models", exact=True).click()
    page.get_by_role("link", name=model, exact=True).click()
    expect(heading(page, model)).to_be_visible()
    expect(page.locator("img")).to_have_count(0)


def test_a_page_of_a_run_is_shown_as_text(page: Page, seeded_server: Seeded) -> None:
    info = seeded_run(seeded_server)["info"]
    place = str(info["artifact_uri"])
    if not place.startswith("mlflow-artifacts:/"):
        pytest.skip("the artifacts of this server do not pass through it")
    content = f"<script>alert(1)</script>{EVIL}"
    address = f"{seeded_server.url}/api/2.0/mlflow-artifacts/artifacts/{place.split(':/', 1)[1].lstrip('/')}/page.html"
    assert fetch("PUT", address, body=content.encode()).status == 200
    open_seeded_run(page, seeded_server)
    page.get_by_role("treeitem", name="page.html").get_by_role("button").click()
    expect(page.get_by_role("region", name="page.html")).to_contain_text(content)


def test_a_model_file_with_code_in_it_is_only_read(page: Page, seeded_server: Seeded) -> None:
    """The fixture fails the test if anything of it runs, or breaks the page."""
    info = seeded_run(seeded_server)["info"]
    content = (
        'flavors:\n  python_function: !!js/function "function(){ alert(1) }()"\n  <img src=x onerror=alert(1)>: {}\n'
        'signature:\n  inputs: \'[{"name": "<img src=x onerror=alert(2)>", "type": "!!js/undefined"}]\'\n'
        "toString: !!js/function 'alert(3)'\n__proto__: {polluted: true}\n"
    )
    place = str(info["artifact_uri"]).split(":/", 1)[1].lstrip("/")
    address = f"{seeded_server.url}/api/2.0/mlflow-artifacts/artifacts/{place}/evil/MLmodel"
    assert fetch("PUT", address, body=content.encode()).status == 200
    open_seeded_run(page, seeded_server)
    page.get_by_role("treeitem", name="evil").get_by_role("button").first.click()
    page.get_by_role("treeitem", name="evil").get_by_role("treeitem", name="MLmodel").get_by_role("button").click()
    expect(page.get_by_text("!!js/function").first).to_be_visible()
    expect(page.locator("img")).to_have_count(0)
    assert page.evaluate("({}).polluted") is None
