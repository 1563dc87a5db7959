"""Field-by-field differences of two answers to one request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from steps import Step

ABSENT = "(absent)"


@dataclass(frozen=True)
class Difference:
    """One field of one answer."""

    scenario: str
    number: int
    request: str
    field: str
    mlflow: Any
    mlyard: Any

    def __str__(self) -> str:
        return (
            f"{self.scenario} #{self.number} {self.request}\n"
            f"    {self.field}: MLflow {_shown(self.mlflow)} / mlyard {_shown(self.mlyard)}"
        )


def differences(
    scenario: str, number: int, step: Step, theirs: dict[str, Any], ours: dict[str, Any]
) -> list[Difference]:
    """What is not the same in the two answers, each ``{"status": …, "answer": …}``."""
    if theirs["status"] != ours["status"]:
        found = [("status", _whole(theirs), _whole(ours))]
    elif theirs["status"] != 200:
        found = list(_errors(step, theirs["answer"], ours["answer"]))
    else:
        found = list(_fields("", theirs["answer"], ours["answer"]))
    return [Difference(scenario, number, step.name, field or "answer", one, other) for field, one, other in found]


def _errors(step: Step, theirs: Any, ours: Any) -> Iterator[tuple[str, Any, Any]]:
    if not (isinstance(theirs, dict) and isinstance(ours, dict)):
        if type(theirs) is not type(ours):
            yield "answer", theirs, ours
        return
    codes = theirs.get("error_code"), ours.get("error_code")
    messages = str(theirs.get("message", "")), str(ours.get("message", ""))
    if codes[0] != codes[1]:
        yield ("error_code", *codes)
    if step.message == "exact":
        wrong = messages[0] != messages[1]
    else:
        wrong = not messages[1] or any((step.message or "") not in message for message in messages)
    if wrong:
        yield ("message", *messages)


def _fields(path: str, theirs: Any, ours: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in [*theirs, *(name for name in ours if name not in theirs)]:
            inner = f"{path}.{name}" if path else name
            yield from _fields(inner, theirs.get(name, ABSENT), ours.get(name, ABSENT))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours) and not _flat(theirs):
        for index, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from _fields(f"{path}[{index}]", one, other)
    elif type(theirs) is not type(ours) or theirs != ours:
        yield path, theirs, ours


def _flat(items: list[Any]) -> bool:
    return not any(isinstance(item, (dict, list)) for item in items)


def _whole(result: dict[str, Any]) -> str:
    answer = result["answer"]
    if isinstance(answer, dict) and "error_code" in answer:
        answer = f"{answer['error_code']}: {answer.get('message')}"
    return f"{result['status']}: {answer}"


def _shown(value: Any) -> str:
    text = value if value == ABSENT else repr(value)
    return text if len(text) <= 500 else f"{text[:500]}…"
