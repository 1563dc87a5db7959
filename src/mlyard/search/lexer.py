"""Splits text into tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mlyard.core.errors import InvalidParameter

_PATTERN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*")
  | (?P<quoted>`[^`]*`)
  | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
  | (?P<op><=|>=|!=|<>|=|<|>)
  | (?P<dot>\.)
  | (?P<punctuation>[(),])
  | (?P<word>[A-Za-z_][\w\-/:.]*)
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """``kind`` is string, quoted, number, op, dot, punctuation, word or end; ``start`` and ``stop`` are offsets."""

    kind: str
    text: str
    start: int
    stop: int

    def is_word(self, *words: str) -> bool:
        """Whether this is one of the keywords, in any case."""
        return self.kind == "word" and self.text.upper() in words


def tokens(text: str) -> Iterator[Token]:
    """The tokens of ``text``, followed by one of kind 'end'. Raises InvalidParameter."""
    at = 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            raise InvalidParameter(f"Invalid clause(s) in filter string: {text[at : at + 40]!r} cannot be parsed.")
        kind = match.lastgroup or ""
        if kind != "space":
            yield Token(kind, match.group(), at, match.end())
        at = match.end()
    yield Token("end", "", at, at)


def unquote(text: str) -> str:
    """The text inside the quotes of a string or the back-ticks of a name; other text is returned unchanged."""
    quote = text[0]
    if quote not in "'\"`":
        return text
    return text[1:-1].replace(quote * 2, quote) if quote in "'\"" else text[1:-1]
