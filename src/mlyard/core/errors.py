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

from mlyard.core.secrets import without_secrets


class MlyardError(Exception):
    """The base of all errors that mlyard raises.

    ``error_code`` is MLflow's code for the error, and ``status`` the HTTP status of a server's answer with it.

    Args:
        message: What failed and, if there is one, the way out.

    Example:
        >>> import mlyard
        >>> from mlyard.exceptions import MlyardError
        >>> try:
        ...     mlyard.get_run("0" * 32)
        ... except MlyardError as error:
        ...     print(error.error_code, error.status)
        RESOURCE_DOES_NOT_EXIST 404
    """

    error_code = "INTERNAL_ERROR"
    status = 500

    def __init__(self, message: str) -> None:
        # Half of a surrogate pair could be neither printed nor sent, and addresses in a message may have secrets.
        self.message = without_secrets(message.encode("utf-8", "backslashreplace").decode())
        super().__init__(self.message)


class InvalidParameter(MlyardError):
    """Raised for an invalid argument or file. The same call fails again.

    Args:
        message: Names the argument or the file, and says what is wrong.

    Example:
        >>> import mlyard
        >>> from mlyard.exceptions import InvalidParameter
        >>> try:
        ...     mlyard.create_experiment("")
        ... except InvalidParameter as error:
        ...     print(error)
        Invalid experiment name: ''. Experiment name cannot be empty.
    """

    error_code = "INVALID_PARAMETER_VALUE"
    status = 400


class AlreadyExists(MlyardError):
    """Raised when an experiment or a registered model is created or renamed, and another one has the name.

    Args:
        message: The name. Says so if the other one is deleted and could be restored.

    Example:
        >>> import mlyard
        >>> from mlyard.exceptions import AlreadyExists
        >>> experiment_id = mlyard.create_experiment("wine")
        >>> try:
        ...     mlyard.create_experiment("wine")
        ... except AlreadyExists as error:
        ...     print(error)
        Experiment(name=wine) already exists.
    """

    error_code = "RESOURCE_ALREADY_EXISTS"
    status = 400


class PermissionDenied(MlyardError):
    """Raised when a setting, a server or an object store forbids the call.

    Args:
        message: What is forbidden, and by what.

    Example:
        >>> import os
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> from mlyard.exceptions import PermissionDenied
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.sklearn.save_model(model, "line", serialization_format="pickle")
        >>> os.environ["MLYARD_ALLOW_PICKLE"] = "0"
        >>> try:
        ...     mlyard.sklearn.load_model("line")
        ... except PermissionDenied as error:
        ...     print(error)
        Loading the model at '...line' would run code: model.pkl (a pickle). ...
    """

    error_code = "PERMISSION_DENIED"
    status = 403


class DoesNotExist(MlyardError):
    """Raised when there is no such experiment, run, model, version, tag or artifact.

    Args:
        message: Names what was not found.

    Example:
        >>> import mlyard
        >>> from mlyard.exceptions import DoesNotExist
        >>> try:
        ...     mlyard.pyfunc.load_model("models:/Line/1")
        ... except DoesNotExist as error:
        ...     print(error)
        Model Version (name=Line, version=1) not found
    """

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
    """Raised when a file of a run or of a model is not the one that was logged.

    Args:
        message: The file with both SHA-256, and the setting for files that were changed on purpose.

    Example:
        >>> from pathlib import Path
        >>> import mlyard
        >>> from mlyard.exceptions import DataLoss
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_text("0.5", "rmse.txt")
        >>> _ = Path(run.info.artifact_uri, "rmse.txt").write_text("0.1")
        >>> try:
        ...     mlyard.artifacts.load_text(f"{run.info.artifact_uri}/rmse.txt")
        ... except DataLoss as error:
        ...     print(error)
        The artifact 'rmse.txt' differs from the file that was logged: ...
    """

    error_code = "DATA_LOSS"


class NotSupported(MlyardError):
    """Raised when a server as it is configured, or a model, cannot do this.

    Args:
        message: What is not supported, and what to do instead.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> from mlyard.exceptions import NotSupported
        >>> mlyard.sklearn.save_model(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "line")
        >>> try:
        ...     mlyard.pyfunc.load_model("line").predict_stream([[2.0]])
        ... except NotSupported as error:
        ...     print(error)
        Models of 'mlflow.sklearn' cannot stream their answers: use predict().
    """

    error_code = "NOT_IMPLEMENTED"
    status = 501


class ProjectFailed(MlyardError):
    """Raised when the command of a project exits with a status other than 0.

    Args:
        message: The ID and status of the run, how the command ended, and where its output is.

    Example:
        >>> from pathlib import Path
        >>> import mlyard
        >>> from mlyard.exceptions import ProjectFailed
        >>> _ = Path("MLproject").write_text("entry_points: {main: {command: exit 3}}")
        >>> try:
        ...     mlyard.run(".")
        ... except ProjectFailed as error:
        ...     print(error)
        The run ... is FAILED: The command exited with status 3. ...
    """

    error_code = "BAD_REQUEST"
    status = 400


class TemporarilyUnavailable(MlyardError):
    """Raised when a server, a database or an object store is busy or cannot be reached. Try again later.

    Args:
        message: What cannot be reached, and what to check.

    Example:
        >>> import os
        >>> import mlyard
        >>> from mlyard.exceptions import TemporarilyUnavailable
        >>> os.environ["MLYARD_HTTP_REQUEST_MAX_RETRIES"] = "0"
        >>> try:
        ...     mlyard.MlyardClient("http://127.0.0.1:1").search_experiments()
        ... except TemporarilyUnavailable as error:
        ...     print(error)
        The tracking server at http://127.0.0.1:1 cannot be reached: ...
    """

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
