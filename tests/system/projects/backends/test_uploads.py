"""What a backend sends to other machines contains only the project."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import InvalidParameter


@pytest.mark.parametrize("target", ["../../secret", "/etc/passwd"])
def test_a_link_out_of_the_project_is_not_uploaded(tmp_path: Path, target: str) -> None:
    (tmp_path / "secret").write_text("key")
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "x.sh").write_text("true")
    (folder / "data" / "link").symlink_to(target)
    with pytest.raises(InvalidParameter, match=r"its link 'data/link' leads out of the project"):
        mlyard.projects.run(str(folder), "x.sh", backend="ray")
    assert mlyard.search_runs(output_format="list") == []
