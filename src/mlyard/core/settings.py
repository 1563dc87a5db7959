"""Every environment variable that mlyard reads, in one table.

``MLYARD_X`` wins over ``MLFLOW_X``, so that an existing MLflow set-up works unchanged.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mlyard.core.errors import InvalidParameter

T = TypeVar("T")


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One variable: its name after the prefix, how its text is read, its default, its meaning."""

    name: str
    read: Callable[[str], T]
    default: T
    doc: str

    def get(self) -> T:
        """The value in force now. Raises InvalidParameter when the text cannot be read."""
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


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


DEFAULT_STORE_URI = "sqlite:///mlyard.db"
"""The store of clients and servers that are told of none: a file in the current folder."""

TRACKING_URI = Setting("TRACKING_URI", _optional, None, "Where runs are logged: URL, database or folder.")
REGISTRY_URI = Setting("REGISTRY_URI", _optional, None, "Where models are registered; default: the tracking URI.")
TRACKING_USERNAME = Setting("TRACKING_USERNAME", _optional, None, "The user that a client calls the server as.")
TRACKING_PASSWORD = Setting("TRACKING_PASSWORD", _optional, None, "That user's password.")
TRACKING_TOKEN = Setting("TRACKING_TOKEN", _optional, None, "A bearer token, instead of a user and password.")
EXPERIMENT_NAME = Setting("EXPERIMENT_NAME", _optional, None, "The experiment of new runs, by name.")
EXPERIMENT_ID = Setting("EXPERIMENT_ID", _optional, None, "The experiment of new runs, by id.")
RUN_ID = Setting("RUN_ID", _optional, None, "The run that start_run() continues.")
ARTIFACTS_DESTINATION = Setting(
    "ARTIFACTS_DESTINATION", str, "./mlartifacts", "Where the server keeps what passes through it: a folder or s3://…."
)
DEFAULT_ARTIFACT_ROOT = Setting(
    "DEFAULT_ARTIFACT_ROOT", _optional, None, "Root of the artifact locations of new experiments."
)
BACKEND_STORE_URI = Setting("BACKEND_STORE_URI", _optional, None, "The server's database.")
REGISTRY_STORE_URI = Setting(
    "REGISTRY_STORE_URI", _optional, None, "The server's database of models; default: the backend store."
)
WORKERS = Setting("SERVER_WORKERS", int, 1, "How many processes the server consists of.")
POOL_SIZE = Setting(
    "SQLALCHEMYSTORE_POOL_SIZE", int, 5, "Connections of one process that read from the database; one more writes."
)
DATABASE_PATIENCE = Setting(
    "DATABASE_PATIENCE", float, 30.0, "Seconds that a request waits for a database that is busy or away."
)
STATEMENT_TIMEOUT = Setting("STATEMENT_TIMEOUT", float, 60.0, "Seconds that one query may take (PostgreSQL).")
HOST = Setting("HOST", str, "127.0.0.1", "The address that the server listens on.")
PORT = Setting("PORT", int, 5000, "The port that the server listens on.")
ALLOWED_HOSTS: Setting[tuple[str, ...]] = Setting(
    "SERVER_ALLOWED_HOSTS", _names, (), "Host names, comma-separated, that the server answers to besides its own."
)
CORS_ALLOWED_ORIGINS: Setting[tuple[str, ...]] = Setting(
    "SERVER_CORS_ALLOWED_ORIGINS", _names, (), "Web origins, comma-separated, whose pages may call the server."
)
S3_ENDPOINT_URL = Setting("S3_ENDPOINT_URL", _optional, None, "The S3 server, when it is not Amazon's.")
S3_IGNORE_TLS = Setting("S3_IGNORE_TLS", _flag, False, "Whether the S3 server's certificate goes unchecked.")
S3_UPLOAD_EXTRA_ARGS = Setting(
    "S3_UPLOAD_EXTRA_ARGS", _optional, None, 'How S3 keeps what is put: JSON, {"ServerSideEncryption": "AES256"}.'
)
S3_ADDRESSING_STYLE = Setting(
    "BOTO_CLIENT_ADDRESSING_STYLE", str, "auto", "Where a bucket's name stands in addresses: path, virtual or auto."
)
PRESIGNED_DOWNLOAD_SECONDS = Setting(
    "PRESIGNED_DOWNLOAD_URL_TTL_SECONDS", float, 300.0, "Seconds for which a signed address can be read."
)
PRESIGNED_UPLOAD_SECONDS = Setting(
    "PRESIGNED_UPLOAD_URL_TTL_SECONDS", float, 3600.0, "Seconds for which a signed address takes a file or a part."
)
ALLOWED_ARTIFACT_ROOTS: Setting[tuple[str, ...]] = Setting(
    "ALLOWED_ARTIFACT_ROOTS", _names, (), "Folders and URIs, comma-separated, below which clients may place artifacts."
)
ENABLE_ARTIFACTS_PROGRESS_BAR = Setting(
    "ENABLE_ARTIFACTS_PROGRESS_BAR", _flag, True, "Whether long transfers show on a terminal how far they are."
)
VERIFY_ARTIFACTS = Setting(
    "VERIFY_ARTIFACTS", _flag, True, "Whether downloads are held to the checksums that were logged with the files."
)
SERVE_ARTIFACTS = Setting("SERVE_ARTIFACTS", _flag, True, "Whether artifacts pass through the server.")
ARTIFACTS_ONLY = Setting("ARTIFACTS_ONLY", _flag, False, "Whether the server does nothing but pass artifacts on.")
HTTP_REQUEST_TIMEOUT = Setting("HTTP_REQUEST_TIMEOUT", float, 120.0, "Seconds that a client waits for an answer.")
HTTP_REQUEST_MAX_RETRIES = Setting(
    "HTTP_REQUEST_MAX_RETRIES", int, 7, "How often a client tries a failed request again."
)
ALLOW_PICKLE = Setting("ALLOW_PICKLE", _flag, True, "Whether models may be loaded that run code on loading.")
ALLOW_PICKLE_DESERIALIZATION = Setting("ALLOW_PICKLE_DESERIALIZATION", _flag, True, "The same, by MLflow's name.")
REQUIREMENTS_INFERENCE_TIMEOUT = Setting(
    "REQUIREMENTS_INFERENCE_TIMEOUT", float, 120.0, "Seconds for finding out what a model needs by loading it."
)
SCORING_TIMEOUT = Setting(
    "SCORING_SERVER_REQUEST_TIMEOUT", float, 60.0, "Seconds that one request to a served model may take."
)
SCORING_WORKERS = Setting("MODELS_WORKERS", int, 1, "How many processes serve a model.")
ENV_ROOT = Setting("ENV_ROOT", str, "~/.mlyard/envs", "Where the environments of models are made and kept.")
CONDA_HOME = Setting("CONDA_HOME", _optional, None, "The folder that conda is installed in; default: the PATH.")
RUN_LEASE_SECONDS = Setting(
    "RUN_LEASE_SECONDS", float, 90.0, "Seconds after which a run is ended whose client says nothing; it does thrice."
)
TRUNCATE_LONG_VALUES = Setting(
    "TRUNCATE_LONG_VALUES", _flag, True, "Whether params and tags over the limit are cut, as MLflow does, or refused."
)
LOGGING_LEVEL = Setting("LOGGING_LEVEL", str, "INFO", "Lowest level of mlyard's own log lines.")
