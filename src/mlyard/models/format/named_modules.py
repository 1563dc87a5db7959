"""Finds the modules that a pickle or a skops file names, without loading the file."""

from __future__ import annotations

import json
import pickletools
import zipfile
from pathlib import Path
from typing import Any

_CODE = {"cloudpickle.cloudpickle"}
"""A pickle that names these contains code, which may import anything."""


def modules_of_pickle(file: Path) -> set[str] | None:
    """The modules of the globals in a pickle; None if it contains code or cannot be read."""
    modules: set[str] = set()
    texts: list[str] = []
    memo: dict[int, str] = {}
    try:
        with file.open("rb") as stream:
            for opcode, argument, _ in pickletools.genops(stream):
                _follow(opcode.name, argument, modules, texts, memo)
    except (ValueError, IndexError, KeyError):
        return None
    return None if modules & _CODE else modules


def _follow(opcode: str, argument: Any, modules: set[str], texts: list[str], memo: dict[int, str]) -> None:
    """Track one opcode: a STACK_GLOBAL is named by the two preceding strings, which may come from the memo."""
    if opcode in {"GLOBAL", "INST"}:
        modules.add(str(argument).partition(" ")[0])
    elif opcode == "STACK_GLOBAL":
        modules.add(texts[-2])
    elif opcode == "MEMOIZE":
        memo[len(memo)] = texts[-1] if texts else ""
    elif opcode in {"BINPUT", "LONG_BINPUT", "PUT"}:
        memo[int(argument)] = texts[-1] if texts else ""
    elif opcode in {"BINGET", "LONG_BINGET", "GET"}:
        texts.append(memo[int(argument)])
    elif isinstance(argument, str):
        texts.append(argument)
    del texts[:-2]


def modules_of_skops(file: Path) -> set[str] | None:
    """The modules of the types that a skops file names; None if it cannot be read."""
    try:
        with zipfile.ZipFile(file) as archive:
            schema = json.loads(archive.read("schema.json"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    modules: set[str] = set()
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("__module__"), str):
                modules.add(node["__module__"])
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return modules
