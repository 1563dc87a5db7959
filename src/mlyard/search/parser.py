"""Parses filters and orders. The grammar is the same for every kind of entity.

It is MLflow's, extended by OR, NOT and brackets.

filter      := conjunction (OR conjunction)*
conjunction := term (AND term)*
term        := NOT term | ( filter ) | comparison
comparison  := name op value | name [NOT] IN (text, …) | name IS [NOT] NULL
order       := name [ASC | DESC]
name        := attribute | prefix.key, with the key in back-ticks or quotes unless it is a plain word
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mlyard.core.errors import InvalidParameter
from mlyard.core.unicode import check_unicode
from mlyard.domain import limits
from mlyard.search.ast import And, Comparison, Kind, Node, Not, Or, Order, Value, keys_of
from mlyard.search.fields import LABELS, Fields
from mlyard.search.lexer import Token, tokens, unquote

_NUMERIC_OPS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_TEXT_OPS = frozenset(("=", "!=", "LIKE", "ILIKE"))


def parse_filter(text: str, fields: Fields) -> Node | None:
    """The syntax tree of a filter, together with the condition that its fields imply. None if there is neither.

    Raises InvalidParameter.
    """
    _check_size(text, "filter")
    node = _Parser(text, fields).filter() if text.strip() else None
    implied = fields.implied
    if implied is None or implied.key in keys_of(node):
        return node
    return implied if node is None else And((node, implied))


def parse_orders(clauses: Sequence[str], fields: Fields) -> list[Order]:
    """Parse a list of order_by clauses. Raises InvalidParameter."""
    if len(clauses) > limits.MAX_ORDERS:
        raise InvalidParameter(f"There are {len(clauses)} order_by clauses; the limit is {limits.MAX_ORDERS}.")
    return [parse_order(clause, fields) for clause in clauses]


def _check_size(text: str, what: str) -> None:
    if len(text) > limits.MAX_FILTER:
        raise InvalidParameter(f"The {what} has {len(text)} characters; the limit is {limits.MAX_FILTER}.")
    check_unicode(text, what)
    if "\0" in text:
        raise InvalidParameter(f"Invalid clause(s) in {what} string: it contains a NUL character.")


def parse_order(text: str, fields: Fields) -> Order:
    """Parse one order_by clause. Raises InvalidParameter."""
    _check_size(text, "order_by")
    try:
        return _Parser(text, fields).order()
    except InvalidParameter as error:
        raise InvalidParameter(f"Invalid order_by clause '{text}'. Could not be parsed. {error.message}") from None


class _Parser:
    def __init__(self, text: str, fields: Fields) -> None:
        self._text = text
        self._fields = fields
        self._tokens = list(tokens(text))
        self._at = 0
        self._clauses = 0

    def filter(self) -> Node:
        found = self._disjunction(0)
        if self._peek().kind != "end":
            raise self._unexpected()
        return found

    def _disjunction(self, depth: int) -> Node:
        parts = [self._conjunction(depth)]
        while self._take_word("OR"):
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _conjunction(self, depth: int) -> Node:
        parts = [self._term(depth)]
        while self._take_word("AND"):
            parts.append(self._term(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _term(self, depth: int) -> Node:
        if depth > limits.MAX_DEPTH:
            raise InvalidParameter(f"The filter is nested more than {limits.MAX_DEPTH} deep.")
        if self._take_word("NOT"):
            return Not(self._term(depth + 1))
        if self._peek().text == "(":
            self._at += 1
            inner = self._disjunction(depth + 1)
            self._expect_punctuation(")")
            return inner
        self._clauses += 1
        if self._clauses > limits.MAX_CLAUSES:
            raise InvalidParameter(f"The filter has more than {limits.MAX_CLAUSES} clauses.")
        return self._comparison()

    def order(self) -> Order:
        kind, key = self._name()
        if kind == "dataset":
            raise InvalidParameter("Results cannot be ordered by datasets.")
        ascending = self._take_word("ASC") or not self._take_word("DESC")
        if self._peek().kind != "end":
            raise self._unexpected()
        return Order(kind, key, ascending)

    def _comparison(self) -> Comparison:
        kind, key = self._name()
        if self._take_word("IS"):
            op = "IS NOT NULL" if self._take_word("NOT") else "IS NULL"
            self._expect_word("NULL")
            return self._null_test(kind, key, op)
        negated = self._take_word("NOT")
        if negated or self._peek().is_word("IN"):
            self._expect_word("IN")
            return self._membership(kind, key, "NOT IN" if negated else "IN")
        op = self._operator()
        return Comparison(kind, key, op, self._value(kind, key, op))

    def _null_test(self, kind: Kind, key: str, op: str) -> Comparison:
        if kind not in {"param", "tag"}:
            raise InvalidParameter(
                f"Invalid comparator '{op}' for {LABELS[kind]} '{key}': use it with params and tags."
            )
        return Comparison(kind, key, op, None)

    def _membership(self, kind: Kind, key: str, op: str) -> Comparison:
        if kind not in {"attribute", "dataset"} or self._fields.is_numeric(kind, key):
            raise InvalidParameter(
                f"Invalid comparator '{op}' for {LABELS[kind]} '{key}': use it with text attributes and datasets."
            )
        self._expect_punctuation("(")
        values = [self._text_value(kind, key)]
        while self._peek().text == ",":
            self._at += 1
            if self._peek().text != ")":
                values.append(self._text_value(kind, key))
        self._expect_punctuation(")")
        return Comparison(kind, key, op, tuple(values))

    def _name(self) -> tuple[Kind, str]:
        token = self._next("word", "quoted", "string")
        if token.kind != "word":
            name = unquote(token.text)
            if self._peek().kind == "dot":
                self._at += 1
                name += "." + unquote(self._next("word", "quoted", "string").text)
            return self._fields.resolve(name)
        name = token.text
        follower = self._peek()
        if name.endswith(".") and follower.kind in {"quoted", "string"} and follower.start == token.stop:
            self._at += 1
            name += unquote(follower.text)
        return self._fields.resolve(name)

    def _operator(self) -> str:
        token = self._next("op", "word")
        op = "!=" if token.text == "<>" else token.text.upper()
        if op not in _NUMERIC_OPS | _TEXT_OPS:
            self._at -= 1
            raise self._unexpected()
        return op

    def _value(self, kind: Kind, key: str, op: str) -> Value:
        numeric = self._fields.is_numeric(kind, key)
        allowed = _NUMERIC_OPS if numeric else _TEXT_OPS
        if op not in allowed:
            raise InvalidParameter(
                f"Invalid comparator '{op}' for {LABELS[kind]} '{key}': use one of {sorted(allowed)}."
            )
        return self._number(kind, key) if numeric else self._text_value(kind, key)

    def _number(self, kind: Kind, key: str) -> float:
        token = self._next("number", "string", "word")
        try:
            number = float(token.text) if token.kind == "number" else math.nan
        except OverflowError:
            number = math.nan
        if math.isnan(number):
            what = "metric" if kind == "metric" else f"attribute '{key}'"
            raise InvalidParameter(f"Expected numeric value type for {what}. Found {token.text}")
        return number

    def _text_value(self, kind: Kind, key: str) -> str:
        token = self._next("string", "number", "word", "quoted")
        if token.kind != "string":
            what = f"{LABELS[kind]} '{key}'" if kind == "attribute" else LABELS[kind]
            raise InvalidParameter(
                f"Expected a quoted string value for {what} (e.g. 'my-value'). Got value {token.text}"
            )
        return unquote(token.text)

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _next(self, *kinds: str) -> Token:
        token = self._peek()
        if token.kind not in kinds:
            raise self._unexpected()
        self._at += 1
        return token

    def _take_word(self, word: str) -> bool:
        found = self._peek().is_word(word)
        self._at += found
        return found

    def _expect_word(self, word: str) -> None:
        if not self._take_word(word):
            raise self._unexpected()

    def _expect_punctuation(self, text: str) -> None:
        if self._next("punctuation").text != text:
            self._at -= 1
            raise self._unexpected()

    def _unexpected(self) -> InvalidParameter:
        token = self._peek()
        where = "at its end" if token.kind == "end" else f"at {token.text!r} (character {token.start + 1})"
        return InvalidParameter(f"Invalid clause(s) in filter string: {self._text!r} cannot be parsed {where}.")
