"""Reads a YAML file so that an error can name the line and what was expected there."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import yaml

from mlyard.core.errors import InvalidParameter


class Place:
    """A node of a YAML file, which knows its line. Its methods raise InvalidParameter for other content."""

    def __init__(self, file: Path, node: yaml.Node, loader: yaml.SafeLoader, what: str) -> None:
        self._file, self._node, self._loader, self._what = file, node, loader, what

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping."""
        return isinstance(self._node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self._node, yaml.SequenceNode)

    @property
    def is_empty(self) -> bool:
        """Whether there is no value."""
        return self._node.tag == "tag:yaml.org,2002:null"

    def refuse(self, expected: str) -> NoReturn:
        """Raise InvalidParameter: the file, the line, and what was expected."""
        line = self._node.start_mark.line + 1
        raise InvalidParameter(f"{self._file}, line {line}: {self._what} must be {expected}.")

    def mapping(self, expected: str) -> dict[str, Place]:
        """Its entries by key; none if there is no value."""
        if self.is_empty:
            return {}
        if not isinstance(self._node, yaml.MappingNode):
            self.refuse(expected)
        self._loader.flatten_mapping(self._node)
        found: dict[str, Place] = {}
        for key, value in self._node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else self.refuse("a mapping whose keys are text")
            if name in found:
                Place(self._file, key, self._loader, f"the key {name!r}").refuse("there only once")
            found[name] = Place(self._file, value, self._loader, f"the value of {name!r}")
        return found

    def items(self, expected: str) -> list[Place]:
        """The items of a list; none if there is no value."""
        if self.is_empty:
            return []
        if not isinstance(self._node, yaml.SequenceNode):
            self.refuse(expected)
        return [Place(self._file, item, self._loader, f"an item of {self._what}") for item in self._node.value]

    def text(self, expected: str) -> str:
        """A scalar as Python writes it: the number 0.50 is ``"0.5"``."""
        if not isinstance(self._node, yaml.ScalarNode) or self.is_empty:
            self.refuse(expected)
        return str(self._scalar())

    def string(self, expected: str) -> str:
        """A string, and not a number or another type that looks like one."""
        value = self._scalar() if isinstance(self._node, yaml.ScalarNode) else None
        return value if isinstance(value, str) else self.refuse(expected)

    def _scalar(self) -> Any:
        try:
            return self._loader.construct_object(self._node, deep=True)
        except (yaml.YAMLError, ValueError):  # such as the date 2020-13-45
            self.refuse("a value that YAML knows")


def read_yaml(file: Path) -> Place | None:
    """The root of a YAML file; None if the file is empty. Raises InvalidParameter."""
    try:
        loader = yaml.SafeLoader(file.read_text(encoding="utf-8"))
        node = loader.get_single_node()
    except UnicodeDecodeError as error:
        raise InvalidParameter(f"{file}: the file must be text in UTF-8, but byte {error.start} is not.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise InvalidParameter(f"{file}{where}: this is not valid YAML: {error.problem or error.context}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        reason = str(error).partition("\n")[0] if isinstance(error, yaml.YAMLError) else "it is nested too deeply"
        raise InvalidParameter(f"{file}: this is not valid YAML: {reason}.") from None
    return None if node is None else Place(file, node, loader, "the file")
