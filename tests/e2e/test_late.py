"""What comes late ends with its page: searches that wait for more keys, answers to a dialog that was closed, redirects.

What is late is held back until the test lets it go, and where time matters the page's clock is the test's: nothing here
waits for time to pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.test_walk import MODEL, Seeded, call, heading, open_model, open_seeded_run, seeded_origin, seeded_run

HANDS_MS = (0, 100, 300)  # before and after the pause of 220 ms that a search waits for


class Held:
    """Requests of one kind, kept from the server until they are let go."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._routes: list[Route] = []
        self._open = False
        page.route(address, self._take)

    def _take(self, route: Route) -> None:
        if self._open:
            route.continue_()
        else:
            self._routes.append(route)

    def let_go(self) -> None:
        self._open = True
        for route in self._routes:
            route.continue_()

    def answered(self) -> None:
        """Let them go, until the page has its answer."""
        with self._page.expect_event("requestfinished", lambda request: request in [r.request for r in self._routes]):
            self.let_go()


def go_to(page: Page, place: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=place).click()


def title(page: Page, text: str) -> None:
    expect(page).to_have_title(f"{text} · mlyard")


def confirm(page: Page, button: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()


def more(page: Page, about: str, item: str) -> None:
    page.get_by_role("button", name=f"More about {about}").click()
    page.get_by_role("menuitem", name=item).click()


def stays_at(page: Page, left_for: str) -> None:
    """The user is where they went, and so is their history: one step on and one back lead there again."""
    title(page, left_for)
    page.evaluate("location.hash = '#/no/such/page'")
    title(page, "No such page")
    page.go_back()
    title(page, left_for)


def stop_the_clock(page: Page) -> None:
    page.clock.pause_at(3_600_000)


def hands_type(page: Page, text: str, hand: int) -> None:
    """On a stopped clock, so that a slow machine does not make slow hands."""
    for key in text:
        page.keyboard.press(key)
        page.clock.run_for(hand)


@pytest.mark.parametrize("hand", HANDS_MS)
@pytest.mark.parametrize(
    ("place", "box", "typed", "script"),
    [
        ("experiments", "Search experiments", "walk", "experiment-page-*.js"),
        ("models", "Search registered models", "WalkModel", "model-page-*.js"),
    ],
)
def test_search_and_open(
    page: Page, seeded_server: Seeded, hand: int, place: str, box: str, typed: str, script: str
) -> None:
    """The next page's script is late, so that the list still stands when its search is due."""
    page.clock.install(time=0)
    page.goto(f"{seeded_server.url}/#/{place}")
    row = page.get_by_role("link", name=typed, exact=True)
    expect(row).to_be_visible()
    held = Held(page, f"**/{script}")
    page.get_by_label(box).click()
    stop_the_clock(page)
    hands_type(page, typed[:4], hand)
    row.click()
    opened = re.compile(rf"#/{place}/\w+$")
    expect(page).to_have_url(opened)
    page.clock.run_for(1_000)
    expect(page).to_have_url(opened)
    page.clock.resume()
    held.let_go()
    title(page, typed)
    expect(page).to_have_url(opened)


def test_search_a_model_to_register_under(page: Page, seeded_server: Seeded) -> None:
    page.clock.install(time=0)
    open_seeded_run(page, seeded_server)
    open_model(page)
    dialog = page.get_by_role("dialog", name="Register Model")
    box = dialog.get_by_role("combobox", name="Model")
    for number, hand in enumerate(HANDS_MS, start=1):
        page.get_by_role("button", name="Register Model").click()
        dialog.get_by_text("Existing model").click()
        box.click()
        page.clock.pause_at(number * 3_600_000)
        hands_type(page, "Walk", hand)
        page.clock.resume()
        page.get_by_role("option", name=seeded_server.model_name, exact=True).click()
        expect(box).to_have_value(seeded_server.model_name)
        page.clock.fast_forward(1_000)
        expect(box).to_have_value(seeded_server.model_name)
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()


def test_search_back_and_clear(page: Page, seeded_server: Seeded) -> None:
    """Enter does not wait, Back restores, and a link to the page itself is heeded."""
    page.clock.install(time=0)
    page.goto(seeded_server.url)
    box = page.get_by_label("Search experiments")
    expect(box).to_be_visible()
    stop_the_clock(page)
    box.fill("nothing is named like this")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=nothing"))
    page.clock.resume()
    expect(page.get_by_text("No experiment is named like")).to_be_visible()
    go_to(page, "Models")
    title(page, "Registered Models")
    page.go_back()
    expect(box).to_have_value("nothing is named like this")
    expect(page.get_by_text("No experiment is named like")).to_be_visible()
    page.get_by_role("button", name="Clear the search").click()
    expect(page).to_have_url(re.compile("#/experiments$"))
    box.fill("walk")
    expect(page).to_have_url(re.compile(r"\?q=walk$"))
    go_to(page, "Experiments")
    expect(box).to_have_value("")
    expect(page).to_have_url(re.compile("#/experiments$"))


def test_create_and_close_the_dialog(page: Page, seeded_server: Seeded) -> None:
    page.goto(seeded_server.url)
    held = Held(page, "**/experiments/create")
    page.get_by_role("button", name="New experiment").click()
    page.get_by_label("Name").fill("late, and closed")
    confirm(page, "Create")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    held.let_go()
    expect(page.get_by_role("link", name="late, and closed")).to_be_visible()
    stays_at(page, "Experiments")


def test_create_and_leave(page: Page, seeded_server: Seeded) -> None:
    """The answer comes while the page that the user went to is still being loaded."""
    page.goto(seeded_server.url)
    held = Held(page, "**/experiments/create")
    script = Held(page, "**/models-page-*.js")
    page.get_by_role("button", name="New experiment").click()
    page.get_by_label("Name").fill("late, and left")
    confirm(page, "Create")
    page.evaluate("location.hash = '#/models'")
    held.let_go()
    expect(page.get_by_role("dialog")).to_be_hidden()
    script.let_go()
    title(page, "Registered Models")
    go_to(page, "Experiments")
    expect(page.get_by_role("link", name="late, and left")).to_be_visible()


def made_experiment(server: Seeded, name: str) -> str:
    return str(call(server, "experiments/create", name=name)["experiment_id"])


def made_run(server: Seeded, experiment_id: str, name: str) -> str:
    made = call(server, "runs/create", experiment_id=experiment_id, run_name=name, start_time=1)
    return str(made["run"]["info"]["run_id"])


def an_experiment(server: Seeded, name: str) -> str:
    return f"experiments/{made_experiment(server, name)}"


def a_run(server: Seeded, name: str) -> str:
    experiment_id = made_experiment(server, f"of {name}")
    return f"experiments/{experiment_id}/runs/{made_run(server, experiment_id, name)}"


def a_model(server: Seeded, name: str) -> str:
    call(server, "registered-models/create", name=name)
    return f"models/{quote(name)}"


def a_version(server: Seeded, name: str) -> str:
    place = a_model(server, name)
    call(server, "model-versions/create", name=name, **seeded_origin(server))
    return f"{place}/versions/1"


@pytest.mark.parametrize(
    ("made", "request_name", "item", "button", "left_for"),
    [
        (an_experiment, "experiments/delete", "Delete", "Delete", "Models"),
        (a_run, "runs/delete", "Delete", "Delete", "Models"),
        (a_model, "registered-models/delete", "Delete", "Delete", "Experiments"),
        (a_model, "registered-models/rename", "Rename", "Rename", "Experiments"),
        (a_version, "model-versions/delete", "Delete version", "Delete", "Experiments"),
    ],
)
def test_delete_or_rename_and_leave(
    page: Page,
    seeded_server: Seeded,
    made: Callable[[Seeded, str], str],
    request_name: str,
    item: str,
    button: str,
    left_for: str,
) -> None:
    name = f"late {request_name.replace('/', ' ')}"
    page.goto(f"{seeded_server.url}/#/{made(seeded_server, name)}")
    held = Held(page, f"**/{request_name}")
    more(page, "", item)
    dialog = page.get_by_role("dialog")
    if item == "Rename":
        dialog.get_by_label("Name").fill(f"{name} anew")
    confirm(page, button)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    go_to(page, left_for)
    there = {"Models": "Registered Models"}.get(left_for, left_for)
    title(page, there)
    held.answered()
    stays_at(page, there)


def test_delete_and_stay(page: Page, seeded_server: Seeded) -> None:
    """Who closed the dialog but stays with what is gone is taken to the list all the same."""
    page.goto(f"{seeded_server.url}/#/{a_model(seeded_server, 'late and gone')}")
    held = Held(page, "**/registered-models/delete")
    more(page, "this model", "Delete")
    confirm(page, "Delete")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    held.let_go()
    title(page, "Registered Models")
    expect(page.get_by_role("link", name="WalkModel", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="late and gone")).to_be_hidden()


def test_the_answer_to_one_dialog_leaves_the_next_open(page: Page, seeded_server: Seeded) -> None:
    page.clock.install(time=0)
    page.goto(f"{seeded_server.url}/#/{an_experiment(seeded_server, 'before')}")
    held = Held(page, "**/experiments/update")
    more(page, "before", "Rename")
    page.get_by_role("dialog").get_by_label("Name").fill("after")
    confirm(page, "Rename")
    page.keyboard.press("Escape")
    more(page, "before", "Delete")
    held.let_go()
    dialog = page.get_by_role("dialog", name="Delete the experiment")
    expect(dialog).to_contain_text("after")
    page.clock.fast_forward(1_000)  # past the fading of a dialog that closes
    confirm(page, "Delete")
    title(page, "Experiments")


def test_a_name_that_changes_meanwhile_leaves_what_is_typed(page: Page, seeded_server: Seeded) -> None:
    place = a_run(seeded_server, "first")
    page.clock.install()
    page.goto(f"{seeded_server.url}/#/{place}")
    expect(heading(page, "first")).to_be_visible()
    more(page, "this run", "Rename")
    box = page.get_by_role("dialog").get_by_label("Name")
    box.fill("what I want")
    call(seeded_server, "runs/update", run_id=place.rsplit("/", 1)[1], run_name="what others want")
    page.clock.fast_forward(6_000)  # a run that goes on is looked at every 5 seconds
    title(page, "what others want")
    expect(box).to_have_value("what I want")


def test_another_run_is_another_page(page: Page, seeded_server: Seeded) -> None:
    """Back from one run to another: a dialog about the first does not ask about the other."""
    experiment_id = made_experiment(seeded_server, "two runs")
    first, second = (made_run(seeded_server, experiment_id, name) for name in ("first", "second"))
    runs = f"{seeded_server.url}/#/experiments/{experiment_id}/runs"
    page.goto(f"{runs}/{first}")
    title(page, "first")
    page.goto(f"{runs}/{second}")
    title(page, "second")
    more(page, "this run", "Delete")
    expect(page.get_by_role("dialog")).to_contain_text("second")
    page.go_back()
    title(page, "first")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_deleted_runs_leave_a_later_selection(page: Page, seeded_server: Seeded) -> None:
    experiment_id = made_experiment(seeded_server, "selected late")
    for name in ("gone", "next"):
        made_run(seeded_server, experiment_id, name)
    page.goto(f"{seeded_server.url}/#/experiments/{experiment_id}")
    held = Held(page, "**/runs/delete")
    page.get_by_label("Select gone").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    confirm(page, "Delete 1 run")
    page.keyboard.press("Escape")
    page.get_by_label("Select next").check()
    held.let_go()
    expect(page.get_by_role("link", name="gone")).to_be_hidden()
    expect(page.get_by_label("Select next")).to_be_checked()
    expect(page.get_by_text("1 selected")).to_be_visible()


def typed_on(box: Locator, sent: str, then: str, held: Held, button: Locator, answer: Locator) -> None:
    """Something is sent, the user types on, the answer comes."""
    box.fill(sent)
    button.click()
    box.fill(then)
    held.let_go()
    expect(answer).to_be_visible()
    expect(box).to_have_value(then)


def test_an_answer_leaves_what_is_typed(page: Page, seeded_server: Seeded) -> None:
    page.goto(f"{seeded_server.url}/#/{a_version(seeded_server, 'typed on')}")
    page.get_by_label("New tag's value").fill("x")
    tag = page.get_by_role("button", name="Delete the tag one")
    add = page.get_by_role("button", name="Add tag")
    typed_on(page.get_by_label("New tag's key"), "one", "two", Held(page, "**/set-tag"), add, tag)
    alias = page.get_by_role("button", name="Remove the alias one")
    add = page.get_by_role("button", name="Add alias")
    typed_on(page.get_by_label("New alias"), "one", "two", Held(page, "**/registered-models/alias"), add, alias)

    edit = page.get_by_role("button", name=re.compile("the description|a description"))
    edit.click()
    box = page.get_by_role("textbox", name="Description")
    box.fill("first text")
    held = Held(page, "**/model-versions/update")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Cancel").click()
    edit.click()
    box.fill("second text")
    held.answered()
    again = page.get_by_role("button", name="Save")
    expect(again).to_be_enabled()
    again.click()
    expect(page.get_by_role("region", name="Description")).to_contain_text("second text")
    expect(box).to_be_hidden()


def test_leave_before_a_redirect(page: Page, seeded_server: Seeded) -> None:
    """A link to a logged model leads on to its run when the answer comes, unless the user has gone elsewhere."""
    info = seeded_run(seeded_server)["info"]
    place = f"experiments/{info['experiment_id']}/models"
    body = {"experiment_ids": [info["experiment_id"]], "filter": f"source_run_id = '{info['run_id']}'"}
    model_id = call(seeded_server, "logged-models/search", **body)["models"][0]["info"]["model_id"]
    held = Held(page, f"**/logged-models/{model_id}")
    script = Held(page, "**/models-page-*.js")
    page.goto(f"{seeded_server.url}/#/{place}/{model_id}")
    title(page, model_id)
    go_to(page, "Models")
    held.answered()
    script.let_go()
    stays_at(page, "Registered Models")
    page.goto(f"{seeded_server.url}/#/{place}/{model_id}")
    expect(heading(page, seeded_server.run_name)).to_be_visible()
    expect(page.get_by_role("treeitem", name=MODEL).first).to_be_visible()
