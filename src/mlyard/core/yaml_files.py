"""YAML files that users write, such as a conda environment or an MLproject."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from mlyard.core.errors import InvalidParameter


def read_yaml(file: str | Path, what: str) -> Any:
    """The content of a file; ``what`` names it in errors. Raises InvalidParameter."""
    try:
        return yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidParameter(f"The {what} {str(file)!r} cannot be read: {error}.") from None


def read_mapping(given: Mapping[str, Any] | str | Path, what: str) -> Mapping[str, Any]:
    """A mapping, or that of a file; ``what`` names it in errors. Raises InvalidParameter."""
    content = given if isinstance(given, Mapping) else read_yaml(given, what)
    if not isinstance(content, Mapping):
        raise InvalidParameter(f"The {what} {str(given)!r} must be a YAML mapping.")
    return content
