"""The one error tree: each error has its MLflow error code and its HTTP status.

MlyardError                      INTERNAL_ERROR             500
├── InvalidParameter             INVALID_PARAMETER_VALUE    400
├── AlreadyExists                RESOURCE_ALREADY_EXISTS    400
├── PermissionDenied             PERMISSION_DENIED          403
├── DoesNotExist                 RESOURCE_DOES_NOT_EXIST    404
│   └── EndpointNotFound         ENDPOINT_NOT_FOUND         404
├── MethodNotAllowed             BAD_REQUEST                405
├── BodyTooLarge                 BAD_REQUEST                413
├── UnsupportedMediaType         INVALID_PARAMETER_VALUE    415
├── InvalidState                 INVALID_STATE              500
├── DataLoss                     DATA_LOSS                  500
├── NotSupported                 NOT_IMPLEMENTED            501
└── TemporarilyUnavailable       TEMPORARILY_UNAVAILABLE    503
"""

from __future__ import annotations


class MlyardError(Exception):
    """Any failure that a caller may see: ``error_code``, ``status`` (HTTP) and a message."""

    error_code = "INTERNAL_ERROR"
    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidParameter(MlyardError):
    """The request is wrong, and fails again if it is repeated unchanged."""

    error_code = "INVALID_PARAMETER_VALUE"
    status = 400


class AlreadyExists(MlyardError):
    """The name is taken."""

    error_code = "RESOURCE_ALREADY_EXISTS"
    status = 400


class PermissionDenied(MlyardError):
    """The caller, or the web page that the call comes from, is not allowed to do this."""

    error_code = "PERMISSION_DENIED"
    status = 403


class DoesNotExist(MlyardError):
    """No such experiment, run, model, version, tag or artifact."""

    error_code = "RESOURCE_DOES_NOT_EXIST"
    status = 404


class EndpointNotFound(DoesNotExist):
    """No such path on this server."""

    error_code = "ENDPOINT_NOT_FOUND"


class MethodNotAllowed(MlyardError):
    """The path exists, with another HTTP method."""

    error_code = "BAD_REQUEST"
    status = 405


class BodyTooLarge(MlyardError):
    """The request's body is over the limit."""

    error_code = "BAD_REQUEST"
    status = 413


class UnsupportedMediaType(InvalidParameter):
    """The body's content type is not one that the endpoint reads."""

    status = 415


class InvalidState(MlyardError):
    """The stored data is inconsistent, or was written by a newer mlyard."""

    error_code = "INVALID_STATE"


class DataLoss(MlyardError):
    """The data that was read differs from the data that was written."""

    error_code = "DATA_LOSS"


class NotSupported(MlyardError):
    """This server cannot do that as it is configured."""

    error_code = "NOT_IMPLEMENTED"
    status = 501


class ProjectFailed(MlyardError):
    """A project's command exited with a status other than 0."""

    error_code = "BAD_REQUEST"
    status = 400


class TemporarilyUnavailable(MlyardError):
    """The server or its database is busy or cannot be reached: try again later."""

    error_code = "TEMPORARILY_UNAVAILABLE"
    status = 503


# The errors that a server can answer with. If several fit an answer, the first of them is used.
SERVER_ERRORS = (
    MlyardError,
    InvalidParameter,
    UnsupportedMediaType,
    AlreadyExists,
    PermissionDenied,
    DoesNotExist,
    EndpointNotFound,
    MethodNotAllowed,
    BodyTooLarge,
    InvalidState,
    DataLoss,
    NotSupported,
    TemporarilyUnavailable,
)


def server_error(status: int, error_code: str | None, message: str) -> MlyardError:
    """The error for a server's answer, chosen by code and status, else by the code or the status alone."""
    matches = (
        [k for k in SERVER_ERRORS if (k.error_code, k.status) == (error_code, status)]
        or [k for k in SERVER_ERRORS if k.error_code == error_code]
        or [k for k in SERVER_ERRORS if k.status == status]
        or [MlyardError]
    )
    error = matches[0](message)
    if error_code:
        error.error_code = error_code
    error.status = status
    return error
