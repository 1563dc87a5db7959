"""The error that a server's answer stands for."""

from __future__ import annotations

import inspect

import pytest

from mlyard.core import errors
from mlyard.core.errors import SERVER_ERRORS, MlyardError, server_error


def test_every_error_class_is_listed() -> None:
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, MlyardError)]
    assert set(classes) - set(SERVER_ERRORS) == {errors.ProjectFailed}, "only clients run projects"


@pytest.mark.parametrize("kind", SERVER_ERRORS)
def test_an_error_comes_back_as_it_was_sent(kind: type[MlyardError]) -> None:
    back = server_error(kind.status, kind.error_code, "why")
    assert (type(back), back.status, back.error_code, str(back)) == (kind, kind.status, kind.error_code, "why")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, None, errors.DoesNotExist),
        (418, "RESOURCE_DOES_NOT_EXIST", errors.DoesNotExist),
        (403, "SOMETHING_NEW", errors.PermissionDenied),
        (418, "SOMETHING_NEW", MlyardError),
    ],
)
def test_an_unknown_pair_is_matched_by_its_code_then_by_its_status(
    status: int, code: str | None, kind: type[MlyardError]
) -> None:
    back = server_error(status, code, "why")
    assert (type(back), back.status, back.error_code) == (kind, status, code or kind.error_code)
