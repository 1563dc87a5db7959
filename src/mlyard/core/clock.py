"""Time as MLflow counts it: whole milliseconds since 1970, UTC."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
