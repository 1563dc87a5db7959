"""The tutorial's steps in the browser. Each ends with what a picture of the page shows, and has the picture's name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

FILTER = "metrics.rmse < 0.76 and params.alpha = '0.25'"
NAME = "ElasticnetWineModel"


@dataclass
class Screen:
    """The browser, and the text of the page that says what to do in it."""

    page: Page
    url: str
    told: str = ""

    def says(self, label: str) -> str:
        """A label to click on. Fails unless the page names it, in bold."""
        told = " ".join(self.told.split())
        assert f"**{label}**" in told, f"the page does not name {label!r} here"
        return label

    def button(self, label: str) -> Locator:
        return self.page.get_by_role("button", name=self.says(label), exact=True)

    def link(self, label: str) -> Locator:
        return self.page.get_by_role("link", name=self.says(label), exact=True).first

    @property
    def table(self) -> Locator:
        return self.page.get_by_role("table", name="Runs")

    @property
    def boxes(self) -> Locator:
        """The boxes of the runs."""
        return self.page.get_by_role("checkbox", name=re.compile("^Select (?!all)"))

    @property
    def rows(self) -> Locator:
        return self.table.get_by_role("row").filter(has=self.boxes)


def open_experiment(screen: Screen) -> None:
    """The experiment, with the best run first."""
    screen.page.goto(screen.url)
    screen.link("exp").click()
    head = screen.table.get_by_role("columnheader", name="rmse", exact=True)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(screen.rows.first).to_contain_text("0.738")


def runs(screen: Screen) -> None:
    screen.says("rmse")
    open_experiment(screen)


def compare(screen: Screen) -> None:
    for number in range(3):
        screen.boxes.nth(number).check()
    screen.button("Compare").click()
    expect(screen.page.get_by_role("heading", level=1, name="Compare 3 runs")).to_be_visible()
    expect(screen.page.get_by_role("main")).to_contain_text("0.738")
    expect(screen.page.get_by_role("article", name="rmse").get_by_text("0.73805")).to_be_visible()


def search(screen: Screen) -> None:
    assert FILTER in screen.told
    screen.page.go_back()
    field = screen.page.get_by_label(screen.says("Search runs"))
    field.fill(FILTER)
    field.press("Enter")
    expect(screen.rows).to_have_count(2)


def register(screen: Screen) -> None:
    open_experiment(screen)
    screen.rows.first.get_by_role("link").first.click()
    tree = screen.page.get_by_role("tree", name=screen.says("Artifacts"))
    name = screen.says("model")
    tree.get_by_role("treeitem", name=name).first.get_by_role("button", name=name, exact=True).first.click()
    screen.button("Register Model").scroll_into_view_if_needed()
    expect(screen.button("Register Model")).to_be_visible()


def name(screen: Screen) -> None:
    screen.button("Register Model").click()
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_label(screen.says("Model name")).fill(NAME)
    expect(dialog.get_by_text(screen.says("Existing model"))).to_be_visible()


def registered(screen: Screen) -> None:
    screen.button("Register").click()
    expect(screen.page.get_by_role("link", name=f"Registered as {NAME} v1").first).to_be_visible()


def version(screen: Screen) -> None:
    screen.link(f"Registered as {NAME} v1").click()
    expect(screen.page.get_by_role("heading", level=1, name="Version 1")).to_be_visible()
    expect(screen.page.get_by_role("region", name="Schema")).to_contain_text("alcohol")


def stages(screen: Screen) -> None:
    screen.button("Stage: None").click()
    for stage in ("Staging", "Production", "Archived"):
        expect(screen.page.get_by_role("menuitem", name=stage)).to_be_visible()


def models(screen: Screen) -> None:
    screen.page.get_by_role("menuitem", name=screen.says("Staging")).click()
    screen.button("Transition to Staging").click()
    expect(screen.page.get_by_role("button", name="Stage: Staging")).to_be_visible()
    screen.link("Registered Models").click()
    expect(screen.page.get_by_role("table", name="Registered models")).to_contain_text("Staging · v1")


def model(screen: Screen) -> None:
    screen.link(NAME).click()
    versions = screen.page.get_by_role("table", name="Versions")
    expect(versions).to_contain_text("Staging")
    versions.get_by_role("link", name=screen.says("Version 1")).click()
    expect(screen.page.get_by_role("button", name="Stage: Staging")).to_be_visible()
    screen.page.go_back()
    expect(versions).to_contain_text("Staging")


STEPS: dict[str, Callable[[Screen], None]] = {
    f"pictures/tutorial-{step.__name__}.png": step
    for step in (runs, compare, search, register, name, registered, version, stages, models, model)
}
