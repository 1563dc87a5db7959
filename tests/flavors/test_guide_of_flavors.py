"""docs/guide/flavors.md has each flavor, and shows what is in the example package."""

from __future__ import annotations

import re

from mlyard.models.format.flavor import flavor_names
from tests.flavors.environments import ROOT

PAGE = (ROOT / "docs" / "guide" / "flavors.md").read_text()
EXAMPLES = re.findall(r"```py\n(.*?)```", PAGE, re.DOTALL)


def test_every_flavor_is_in_the_table() -> None:
    rows = re.findall(r"^\| [^|]+ \| `(\w+)` \|", PAGE, re.MULTILINE)
    assert sorted({"pyfunc": "python_function"}.get(row, row) for row in rows) == list(flavor_names())


def test_what_is_shown_of_the_package_is_in_it() -> None:
    package = (ROOT / "examples" / "flavor" / "mlyard_centroids.py").read_text()
    fields = re.compile(r"^ +(\w+)=", re.MULTILINE)
    assert fields.findall(EXAMPLES[1]) == fields.findall(package)
