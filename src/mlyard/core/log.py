"""mlyard's logging: one logger tree named ``mlyard``, configured by programs and never by the library itself."""

from __future__ import annotations

import logging
import sys

from mlyard.core import settings


def logger(name: str) -> logging.Logger:
    """The logger of one module, below ``mlyard``."""
    return logging.getLogger(f"mlyard.{name}")


def configure() -> None:
    """Write mlyard's log lines to standard error. For programs (the CLI), never for libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger("mlyard")
    root.handlers = [handler]
    root.setLevel(settings.LOGGING_LEVEL.get().upper())
