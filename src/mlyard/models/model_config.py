"""The configuration of a model that is a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from mlyard.core.errors import InvalidParameter

_current: list[Mapping[str, Any]] = []


class ModelConfig:
    """What a model's script reads its configuration from.

    When it is loaded as a model, that is the ``model_config`` which the model was saved or loaded with; else
    ``development_config``: a dictionary, or the path of a YAML file.
    """

    def __init__(self, *, development_config: Mapping[str, Any] | str | Path | None = None) -> None:
        current = _current[-1] if _current else None
        self._config = current or read_config(development_config)

    def get(self, key: str) -> Any:
        """The value of a key. Raises KeyError."""
        if key not in self._config:
            raise KeyError(f"The model's configuration has no key {key!r}; it has {sorted(self._config)}.")
        return self._config[key]

    def to_dict(self) -> dict[str, Any]:
        """All of it."""
        return dict(self._config)


@contextmanager
def current_config(config: Mapping[str, Any]) -> Iterator[None]:
    """Within, a ModelConfig is this one."""
    _current.append(config)
    try:
        yield
    finally:
        _current.pop()


def read_config(given: Mapping[str, Any] | str | Path | None) -> dict[str, Any]:
    """A configuration, or that of a YAML file. Raises InvalidParameter."""
    if given is None or isinstance(given, Mapping):
        return dict(given or {})
    try:
        content = yaml.safe_load(Path(given).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidParameter(f"The model configuration {str(given)!r} cannot be read: {error}.") from None
    if not isinstance(content, dict):
        raise InvalidParameter(f"The model configuration {str(given)!r} is no YAML mapping.")
    return content


def overridden(saved: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The saved configuration with other values for the keys that it has; other keys count for nothing."""
    if not saved:
        return dict(given)
    return {key: given.get(key, value) for key, value in saved.items()}
