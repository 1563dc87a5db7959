"""What logging with ``synchronous=False`` returns."""

from __future__ import annotations


class RunOperations:
    """Values that were logged with ``synchronous=False``, as in MLflow. They are stored already."""

    def wait(self) -> None:
        """Return at once: the values were stored when the call that logged them returned."""


def operations(synchronous: bool | None) -> RunOperations | None:
    """What a call that has logged returns: RunOperations for ``synchronous=False``, else None."""
    return RunOperations() if synchronous is False else None
