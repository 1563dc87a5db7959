"""mlyard's logging: one logger tree named ``mlyard``, configured by programs and never by the library itself."""

from __future__ import annotations

import logging
import sys

from mlyard.core import settings
from mlyard.core.secrets import without_secrets


def logger(name: str) -> logging.Logger:
    """The logger of one module, below ``mlyard``. Its lines contain no secrets."""
    found = logging.getLogger(f"mlyard.{name}")
    if _without_secrets not in found.filters:
        found.addFilter(_without_secrets)
    return found


def _without_secrets(record: logging.LogRecord) -> bool:
    record.msg, record.args = without_secrets(record.getMessage()), ()
    if record.exc_info:
        record.exc_text = without_secrets(logging.Formatter().formatException(record.exc_info))
    return True


def configure() -> None:
    """Write mlyard's log lines to standard error. For programs (the CLI), never for libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger("mlyard")
    root.handlers = [handler]
    root.setLevel(settings.LOGGING_LEVEL.get().upper())
