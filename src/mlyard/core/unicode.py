"""Texts that cannot be stored or sent: half a surrogate pair, as of a cut emoji or of a file name that is not UTF-8."""

from __future__ import annotations

from mlyard.core.errors import InvalidParameter


def check_unicode(text: str, what: str) -> None:
    """Check that a text can be encoded. Raises InvalidParameter with the name of what it is."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidParameter(f"'{what}' {_problem(error)}") from None


def not_unicode(error: UnicodeEncodeError) -> InvalidParameter:
    """The error for a text that could not be encoded."""
    return InvalidParameter(f"The text {error.object[:60]!a} {_problem(error)}")


def _problem(error: UnicodeEncodeError) -> str:
    half = ascii(error.object[error.start])
    return f"is not valid Unicode: it contains {half}, half a surrogate pair. Remove or replace this character."
