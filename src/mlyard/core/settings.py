"""Every environment variable that mlyard reads, in one table.

Each can be set as ``MLYARD_X`` or as ``MLFLOW_X``, so that an existing MLflow set-up works unchanged; if both
are set, ``MLYARD_X`` wins.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mlyard.core.errors import InvalidParameter

T = TypeVar("T")
_DAY = 86_400.0
_WEEK = 7 * _DAY
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One variable: its name without the prefix, a parser for its text, its default, and a description."""

    name: str
    read: Callable[[str], T]
    default: T
    doc: str

    def get(self) -> T:
        """The current value. Raises InvalidParameter if the variable's text cannot be parsed."""
        for variable in (f"MLYARD_{self.name}", f"MLFLOW_{self.name}"):
            text = os.environ.get(variable)
            if text:
                return self._parse(variable, text)
        return self.default

    def _parse(self, variable: str, text: str) -> T:
        try:
            return self.read(text)
        except ValueError as error:
            raise InvalidParameter(f"The environment variable {variable} holds {text!r}: {error}. {self.doc}") from None


def _flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise ValueError("expected true or false")


def _optional(text: str) -> str | None:
    return text


def _whole(least: int, most: int) -> Callable[[str], int]:
    """A parser of integers from ``least`` to ``most``."""

    def read(text: str) -> int:
        number = int(text) if _INTEGER.fullmatch(text.strip()) else least - 1
        if not least <= number <= most:
            raise ValueError(f"expected a whole number from {least} to {most}")
        return number

    return read


def _seconds(least: float, most: float = _DAY) -> Callable[[str], float]:
    """A parser of times from ``least`` to ``most`` seconds."""

    def read(text: str) -> float:
        expected = f"expected seconds from {least:g} to {most:g}"
        try:
            number = float(text)
        except ValueError:
            raise ValueError(expected) from None
        if not least <= number <= most:  # False for NaN
            raise ValueError(expected)
        return number

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    """A parser of one of some words, in any case."""

    def read(text: str) -> str:
        found = {choice.lower(): choice for choice in choices}.get(text.strip().lower())
        if found is None:
            raise ValueError(f"expected one of {', '.join(choices)}")
        return found

    return read


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"expected a regular expression, but {error}") from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


DEFAULT_STORE_URI = "sqlite:///mlyard.db"
"""The store of clients and servers for which none is configured: a SQLite file in the current directory."""

TRACKING_URI = Setting(
    "TRACKING_URI", _optional, None, "Where runs are logged: the URL of a server or of a database, or a folder."
)
REGISTRY_URI = Setting("REGISTRY_URI", _optional, None, "Where models are registered; defaults to the tracking URI.")
TRACKING_USERNAME = Setting("TRACKING_USERNAME", _optional, None, "User name for the tracking server.")
TRACKING_PASSWORD = Setting("TRACKING_PASSWORD", _optional, None, "Password for the tracking server.")
TRACKING_TOKEN = Setting(
    "TRACKING_TOKEN", _optional, None, "Bearer token for the tracking server, instead of user name and password."
)
TRACKING_INSECURE_TLS = Setting(
    "TRACKING_INSECURE_TLS", _flag, False, "Whether to skip the check of the tracking server's certificate."
)
TRACKING_SERVER_CERT_PATH = Setting(
    "TRACKING_SERVER_CERT_PATH",
    _optional,
    None,
    "PEM file, or folder, with the authorities that may sign the tracking server's certificate.",
)
TRACKING_CLIENT_CERT_PATH = Setting(
    "TRACKING_CLIENT_CERT_PATH",
    _optional,
    None,
    "PEM file with the certificate and the key that the client shows to the tracking server.",
)
EXPERIMENT_NAME = Setting("EXPERIMENT_NAME", _optional, None, "Name of the experiment for new runs.")
EXPERIMENT_ID = Setting("EXPERIMENT_ID", _optional, None, "ID of the experiment for new runs.")
RUN_ID = Setting("RUN_ID", _optional, None, "ID of the run that start_run() resumes.")
ARTIFACTS_DESTINATION = Setting(
    "ARTIFACTS_DESTINATION",
    str,
    "./mlartifacts",
    "Where the server stores the artifacts that it proxies: a folder or s3://….",
)
DEFAULT_ARTIFACT_ROOT = Setting(
    "DEFAULT_ARTIFACT_ROOT", _optional, None, "Folder or URI below which new experiments store their artifacts."
)
BACKEND_STORE_URI = Setting("BACKEND_STORE_URI", _optional, None, "URL of the server's database.")
READ_REPLICA_URI = Setting(
    "READ_REPLICA_BACKEND_STORE_URI", _optional, None, "URL of a replica of the server's database, for reads."
)
REGISTRY_STORE_URI = Setting(
    "REGISTRY_STORE_URI", _optional, None, "URL of the database for registered models; defaults to the backend store."
)
WORKERS = Setting("SERVER_WORKERS", _whole(1, 1024), 1, "Number of server processes.")
POOL_SIZE = Setting(
    "SQLALCHEMYSTORE_POOL_SIZE",
    _whole(1, 1000),
    5,
    "Connections per process for reading the database; one more is for writing.",
)
DATABASE_PATIENCE = Setting(
    "DATABASE_PATIENCE",
    _seconds(0.1),
    30.0,
    "Seconds that a request waits for a database that is busy or cannot be reached.",
)
STATEMENT_TIMEOUT = Setting(
    "STATEMENT_TIMEOUT", _seconds(0.1), 60.0, "Time limit for one query in seconds (PostgreSQL)."
)
SERVER_IDLE_SECONDS = Setting(
    "SERVER_IDLE_SECONDS",
    _seconds(1, 3600),
    60.0,
    "Seconds for which a client may do nothing in the middle of a request or an answer; then it is disconnected.",
)
HOST = Setting("HOST", str, "127.0.0.1", "Address that the server listens on.")
PORT = Setting("PORT", _whole(0, 65_535), 5000, "Port that the server listens on.")
ALLOWED_HOSTS: Setting[tuple[str, ...]] = Setting(
    "SERVER_ALLOWED_HOSTS",
    _names,
    (),
    "Comma-separated host names that the server answers to, besides localhost and IP addresses.",
)
CORS_ALLOWED_ORIGINS: Setting[tuple[str, ...]] = Setting(
    "SERVER_CORS_ALLOWED_ORIGINS", _names, (), "Comma-separated web origins whose pages may call the server."
)
S3_ENDPOINT_URL = Setting("S3_ENDPOINT_URL", _optional, None, "URL of the S3 server, if it is not Amazon's.")
S3_IGNORE_TLS = Setting("S3_IGNORE_TLS", _flag, False, "Whether to skip the check of the S3 server's certificate.")
S3_UPLOAD_EXTRA_ARGS = Setting(
    "S3_UPLOAD_EXTRA_ARGS",
    _optional,
    None,
    'Options for uploads to S3 as JSON, such as {"ServerSideEncryption": "AES256"}.',
)
S3_ADDRESSING_STYLE = Setting(
    "BOTO_CLIENT_ADDRESSING_STYLE",
    _one_of("path", "virtual", "auto"),
    "auto",
    "How S3 URLs name the bucket: path, virtual or auto.",
)
PRESIGNED_DOWNLOAD_SECONDS = Setting(
    "PRESIGNED_DOWNLOAD_URL_TTL_SECONDS", _seconds(1, _WEEK), 300.0, "Seconds for which a signed download URL is valid."
)
PRESIGNED_UPLOAD_SECONDS = Setting(
    "PRESIGNED_UPLOAD_URL_TTL_SECONDS", _seconds(1, _WEEK), 3600.0, "Seconds for which a signed upload URL is valid."
)
ALLOWED_ARTIFACT_ROOTS: Setting[tuple[str, ...]] = Setting(
    "ALLOWED_ARTIFACT_ROOTS", _names, (), "Comma-separated folders and URIs below which clients may store artifacts."
)
SOURCE_VALIDATION_REGEX: Setting[re.Pattern[str] | None] = Setting(
    "CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX",
    _pattern,
    None,
    "Regular expression that the source of a new model version must match.",
)
ENABLE_ARTIFACTS_PROGRESS_BAR = Setting(
    "ENABLE_ARTIFACTS_PROGRESS_BAR", _flag, True, "Whether long transfers show a progress bar on a terminal."
)
VERIFY_ARTIFACTS = Setting(
    "VERIFY_ARTIFACTS", _flag, True, "Whether downloads are checked against the checksums logged with the files."
)
SERVE_ARTIFACTS = Setting("SERVE_ARTIFACTS", _flag, True, "Whether the server proxies artifacts.")
ARTIFACTS_ONLY = Setting(
    "ARTIFACTS_ONLY", _flag, False, "Whether the server only proxies artifacts and does nothing else."
)
HTTP_REQUEST_TIMEOUT = Setting(
    "HTTP_REQUEST_TIMEOUT", _seconds(0.1), 120.0, "Seconds that a client waits for an answer from the server."
)
HTTP_REQUEST_MAX_RETRIES = Setting(
    "HTTP_REQUEST_MAX_RETRIES", _whole(0, 100), 7, "How many times a client retries a failed request."
)
ALLOW_PICKLE = Setting(
    "ALLOW_PICKLE", _flag, True, "Whether to load models that can run arbitrary code while loading, such as pickles."
)
ALLOW_PICKLE_DESERIALIZATION = Setting("ALLOW_PICKLE_DESERIALIZATION", _flag, True, "MLflow's name for ALLOW_PICKLE.")
REQUIREMENTS_INFERENCE_TIMEOUT = Setting(
    "REQUIREMENTS_INFERENCE_TIMEOUT",
    _seconds(0),
    120.0,
    "Time limit in seconds for inferring a model's requirements by loading it.",
)
SCORING_TIMEOUT = Setting(
    "SCORING_SERVER_REQUEST_TIMEOUT", _seconds(0.1), 60.0, "Time limit in seconds for one request to a served model."
)
SCORING_WORKERS = Setting("MODELS_WORKERS", _whole(1, 1024), 1, "Number of processes that serve a model.")
ENV_ROOT = Setting("ENV_ROOT", str, "~/.mlyard/envs", "Folder for the Python environments of models and projects.")
PROJECT_CACHE = Setting(
    "PROJECT_CACHE", str, "~/.mlyard/projects", "Folder for the git repositories of projects that were run."
)
CONTAINER_ENGINE = Setting(
    "CONTAINER_ENGINE", _optional, None, "docker or podman; by default the one that is installed, docker first."
)
PROJECT_TASK = Setting(
    "PROJECT_TASK", _optional, None, "What `mlyard run-task` continues: a project's run, as JSON. Backends set it."
)
CONDA_HOME = Setting(
    "CONDA_HOME", _optional, None, "Folder that conda is installed in; by default it is looked up on the PATH."
)
RUN_LEASE_SECONDS = Setting(
    "RUN_LEASE_SECONDS",
    _seconds(1),
    90.0,
    "A run whose client sends no heartbeat for this many seconds is marked KILLED. Clients send three per period.",
)
TRUNCATE_LONG_VALUES = Setting(
    "TRUNCATE_LONG_VALUES",
    _flag,
    True,
    "Whether params and tags over the length limit are truncated, as in MLflow, rather than refused.",
)
LOGGING_LEVEL = Setting(
    "LOGGING_LEVEL",
    _one_of("NOTSET", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL"),
    "INFO",
    "Lowest level at which mlyard logs.",
)
