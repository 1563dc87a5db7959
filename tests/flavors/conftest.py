"""Only what the libraries here can run is collected: see environments.py."""

from __future__ import annotations

from pathlib import Path

from tests.flavors.environments import ENVIRONMENTS, FLAVORS, HERE

_GENERAL = ("test_every_flavor.py", "test_both_ways.py")
_OF_FLAVORS = {f"test_{flavor}.py": flavor for flavors in ENVIRONMENTS.values() for flavor in flavors}
collect_ignore = [name for name, flavor in _OF_FLAVORS.items() if flavor not in FLAVORS]
if not HERE:
    collect_ignore += _GENERAL

# A misspelt name would run no test at all.
assert HERE in ("", *ENVIRONMENTS), f"TEST_FLAVORS={HERE!r} is none of {sorted(ENVIRONMENTS)}"
assert all(Path(__file__).with_name(name).exists() for name in _OF_FLAVORS)
