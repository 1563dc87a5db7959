"""What every step of the tour uses: the client, names of its own, and checks."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

ACTIVE, DELETED, ALL = ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL
MISSING = "RESOURCE_DOES_NOT_EXIST"
TAKEN = "RESOURCE_ALREADY_EXISTS"
INVALID = "INVALID_PARAMETER_VALUE"
NO_RUN = "0123456789abcdef0123456789abcdef"
NO_EXPERIMENT = "987654321"

# Methods with these words in their names are left out: they do not belong to tracking, models or the registry.
OTHER_AREAS = ("trace", "span", "assessment", "webhook", "workspace", "mcp_")
# Evaluation datasets, which belong to those areas too.
EVALUATION = {
    "add_dataset_to_experiments",
    "create_dataset",
    "delete_dataset",
    "delete_dataset_tag",
    "get_dataset",
    "remove_dataset_from_experiments",
    "search_datasets",
    "set_dataset_tags",
}
# Old names that call what has a step under its new name, and say only that they are old.
OLD_NAMES = {"get_model_version_details", "get_registered_model_details"}


class Recorder:
    """The client; it remembers which of its methods were called."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client
        self._called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self._called.add(name)
        return getattr(self._client, name)


class Tour:
    """One client, one server, and names that no other tour takes."""

    def __init__(self, url: str) -> None:
        mlflow.set_tracking_uri(url)
        self.url = url.rstrip("/")
        self.client: Any = Recorder(MlflowClient())
        self.named_version = mlflow.__version__
        self.version = tuple(int(number) for number in mlflow.__version__.split(".")[:2])
        self.folder = Path()
        self.names = 0
        self.token = uuid.uuid4().hex[:12]

    def has(self, name: str) -> bool:
        """Whether the client's class has that method."""
        return hasattr(MlflowClient, name)

    @property
    def knows_proxy(self) -> bool:
        """Whether the client reads and writes artifacts through the server."""
        return self.version >= (1, 24)

    def name(self, start: str = "tour") -> str:
        """A name that nothing else has."""
        self.names += 1
        return f"{start}-{self.token}-{self.names}"

    def experiment(self) -> str:
        """A new experiment, in a place where this client can write artifacts."""
        place = None if self.knows_proxy else str(self.folder / "artifacts")
        return str(self.client.create_experiment(self.name("experiment"), place))

    def run(self, experiment_id: str | None = None) -> str:
        """The id of a new run."""
        return str(self.client.create_run(experiment_id or self.experiment()).info.run_id)

    def file(self, name: str = "a.txt", text: str = "hello") -> str:
        """A file of the step's folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def missed(self) -> list[str]:
        """Methods of the client's class that the tour should have called."""
        public = {name for name in dir(MlflowClient) if not name.startswith("_")}
        other = {name for name in public if any(area in name for area in OTHER_AREAS)}
        return sorted(public - other - EVALUATION - OLD_NAMES - self.client._called)


def now() -> int:
    """Milliseconds, as clients and servers count them."""
    return int(time.time() * 1000)


def equal(seen: Any, expected: Any) -> None:
    """The values are the same; NaN is NaN."""
    both_nan = isinstance(seen, float) and isinstance(expected, float) and math.isnan(seen) and math.isnan(expected)
    assert both_nan or seen == expected, f"expected {expected!r}, but saw {seen!r}"


def refused(codes: str, call: Callable[..., Any], *arguments: Any, **named: Any) -> None:
    """The call fails with one of those codes (words with spaces between)."""
    try:
        answer = call(*arguments, **named)
    except MlflowException as error:
        if error.error_code in codes.split():
            return
        raise AssertionError(f"expected {codes} for {arguments} {named}, but saw {error.error_code}") from error
    raise AssertionError(f"expected {codes} for {arguments} {named}, but it answered {answer!r}")


def pages(search: Callable[..., Any], limit: int, **query: Any) -> list[list[Any]]:
    """All pages of a search; none may be longer than the limit."""
    found = []
    token = None
    while True:
        page = search(max_results=limit, page_token=token, **query)
        assert len(page) <= limit, f"a page of {len(page)} with a limit of {limit}"
        found.append(list(page))
        token = page.token
        if not token:
            return found
        assert len(found) < 1000, "the pages never end"
