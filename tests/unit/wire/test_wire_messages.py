"""What errors on the wire say: of requests that cannot be read, and of answers that are errors."""

from __future__ import annotations

import pytest

from mlyard.core.errors import DoesNotExist, EndpointNotFound, InvalidParameter, NotSupported
from mlyard.wire.errors import decode_error, encode_error, says_not_found
from mlyard.wire.list_tags import decode_entry
from mlyard.wire.message import Message, decode, decode_query_string
from mlyard.wire.metrics import GetHistory
from mlyard.wire.runs import CreateRun, DeleteRunTag, LogBatch

HINT = "See the API docs for more information about request parameters."


def invalid(value: str, field: str, reason: str, kind: str) -> str:
    return f"Invalid value {value} for parameter '{field}' supplied: {reason}. Hint: Value was of type '{kind}'. {HINT}"


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        (DeleteRunTag, b"{}", f"Missing value for required parameter 'run_id'. {HINT}"),
        (DeleteRunTag, b'{"run_id":"r","key":""}', f"Missing value for required parameter 'key'. {HINT}"),
        (LogBatch, b'{"run_id":"r","tags":[{}]}', f"Missing value for required parameter 'tags[0].key'. {HINT}"),
        (CreateRun, b'{"start_time":"x"}', invalid('"x"', "start_time", "Expected `int | null`, got `str`", "str")),
        (CreateRun, b'{"start_time":9223372036854775808}', None),
        (CreateRun, b'{"tags":{"a":1}}', invalid('{"a":1}', "tags", "Expected `array`, got `object`", "dict")),
        (CreateRun, b"[]", "The request is not as expected: Expected `object`, got `array`"),
        (CreateRun, b"\xff", "The request's JSON body is not valid UTF-8: byte 0 is 0xff. Encode it as UTF-8."),
    ],
)
def test_what_is_wrong_with_a_body(kind: type[Message], body: bytes, message: str | None) -> None:
    with pytest.raises(InvalidParameter) as caught:
        decode(body, kind)
    assert caught.value.message == (
        message or invalid("9223372036854775808", "start_time", "it does not fit in 64 bits", "int")
    )


@pytest.mark.parametrize(("length", "cut"), [(198, False), (199, True)])
def test_a_long_value_is_shown_in_part(length: int, cut: bool) -> None:
    """Its quotes count too."""
    with pytest.raises(InvalidParameter) as caught:
        decode(b'{"start_time":"' + b"x" * length + b'"}', CreateRun)
    assert ("…" in caught.value.message) is cut
    assert caught.value.message.count("x") - caught.value.message.count("Ex") >= 198


def test_what_is_wrong_with_a_query_string() -> None:
    with pytest.raises(InvalidParameter) as caught:
        decode_query_string([("metric_key", "m"), ("max_results", "x")], GetHistory)
    assert caught.value.message == invalid('"x"', "max_results", "Expected `int | null`, got `str`", "str")
    assert decode_query_string([("metric_key", "m"), ("max_results", "7")], GetHistory).max_results == 7


def test_an_entry_must_be_an_object() -> None:
    assert decode_entry('{"a":1}') == {"a": 1}
    for text in ("[]", "x", '"a"', "{"):
        with pytest.raises(InvalidParameter, match="Malformed model info: 'entry_json' is"):
            decode_entry(text)


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "message"),
    [
        (404, encode_error(DoesNotExist("No run")), DoesNotExist, "RESOURCE_DOES_NOT_EXIST", "No run"),
        (404, encode_error(EndpointNotFound("No page")), EndpointNotFound, "ENDPOINT_NOT_FOUND", "No page"),
        (404, b"{}", DoesNotExist, "RESOURCE_DOES_NOT_EXIST", "HTTP status 404"),
        (501, b'{"error_code":"X"}', NotSupported, "NOT_IMPLEMENTED", "HTTP status 501"),
        (400, b'{"error_code":"X","message":"why"}', InvalidParameter, "X", "why"),
        (502, b"<html>", Exception, "INTERNAL_ERROR", "<html>"),
        (502, "Nö".encode("latin-1"), Exception, "INTERNAL_ERROR", "N�"),
        (502, b"x" * 501, Exception, "INTERNAL_ERROR", "x" * 500),
    ],
)
def test_an_answer_that_is_an_error(status: int, body: bytes, kind: type[Exception], code: str, message: str) -> None:
    error = decode_error(status, body)
    assert isinstance(error, kind)
    assert (error.status, error.error_code, error.message) == (status, code, message)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (encode_error(DoesNotExist("No run")), True),
        (encode_error(EndpointNotFound("No page")), False),
        (encode_error(InvalidParameter("No")), False),
        (b"<html>", False),
        (b"{}", False),
    ],
)
def test_only_what_is_named_is_not_found(body: bytes, expected: bool) -> None:
    assert says_not_found(body) is expected
