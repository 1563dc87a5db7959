"""What a model needs to be loaded elsewhere: requirements.txt, conda.yaml, python_env.yaml."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml

CONDA_FILE = "conda.yaml"
PYTHON_FILE = "python_env.yaml"
REQUIREMENTS_FILE = "requirements.txt"


def pinned(distributions: Sequence[str]) -> list[str]:
    """``name==version`` of those that are installed. Not mlyard: other tools load the model without it."""
    return list(filter(None, map(_pin, distributions)))


def save_requirements(folder: Path, requirements: Sequence[str]) -> dict[str, str]:
    """Write the three files; the ``env`` entry of the python_function flavor."""
    python = platform.python_version()
    (folder / REQUIREMENTS_FILE).write_text("\n".join(requirements) + "\n", encoding="utf-8")
    conda = {
        "name": "mlyard-env",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", "pip", {"pip": list(requirements)}],
    }
    (folder / CONDA_FILE).write_text(yaml.safe_dump(conda, sort_keys=False), encoding="utf-8")
    env = {"python": python, "build_dependencies": ["pip"], "dependencies": [f"-r {REQUIREMENTS_FILE}"]}
    (folder / PYTHON_FILE).write_text(yaml.safe_dump(env, sort_keys=False), encoding="utf-8")
    return {"conda": CONDA_FILE, "virtualenv": PYTHON_FILE}


def _pin(distribution: str) -> str | None:
    try:
        return f"{distribution}=={version(distribution)}"
    except PackageNotFoundError:
        return None
