"""Only what the libraries here can run is collected: see environments.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flavors.environments import ENVIRONMENTS, FLAVORS, HERE, LIBRARIES_WARN, OLDER

_GENERAL = ("test_every_flavor.py", "test_both_ways.py", "test_older_mlflow.py")
_OF_FLAVORS = {f"test_{flavor}.py": flavor for flavors in ENVIRONMENTS.values() for flavor in flavors}
collect_ignore = [name for name, flavor in _OF_FLAVORS.items() if flavor not in FLAVORS]
# A package of a third party's is tested where all else is.
collect_ignore += ["test_third_party.py"] if HERE else _GENERAL
if not set(OLDER) & set(FLAVORS):
    collect_ignore.append("test_older_mlflow.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Warnings about what mlyard does are errors, those of the libraries are not."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings(LIBRARIES_WARN))


# A misspelt name would run no test at all.
assert HERE in ("", *ENVIRONMENTS), f"TEST_FLAVORS={HERE!r} is none of {sorted(ENVIRONMENTS)}"
assert all(Path(__file__).with_name(name).exists() for name in _OF_FLAVORS)
