"""Build the documentation: ``python docs/site/build.py [folder]``. Any warning, such as a broken link, is an error."""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from pages import write_pages  # noqa: E402 - they need the path
from reference import write_reference  # noqa: E402
from sphinx.cmd.build import main  # noqa: E402

from tests.public import public_modules  # noqa: E402


def build(target: Path) -> int:
    """Write the site to ``target``, which is replaced. Returns Sphinx's exit status."""
    with tempfile.TemporaryDirectory(prefix="mlyard-docs-") as work:
        source = Path(work, "source")
        write_pages(ROOT, source, write_reference(public_modules(), source))
        shutil.rmtree(target, ignore_errors=True)
        strict = ["--fail-on-warning", "--keep-going", "--quiet"]
        return main([*strict, "-c", str(HERE), "-d", str(Path(work, "doctrees")), str(source), str(target)])


if __name__ == "__main__":
    gc.disable()  # nearly all of Sphinx's objects live until the end; looking for others takes a sixth of the time
    sys.exit(build(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "docs")))
