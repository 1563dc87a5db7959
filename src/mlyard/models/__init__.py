"""Models: folders that hold a trained model, how to call it, and what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlyard.models.change import *  # noqa: F403
    from mlyard.models.format.example import *  # noqa: F403
    from mlyard.models.info import *  # noqa: F403
    from mlyard.models.load import *  # noqa: F403
    from mlyard.models.script import *  # noqa: F403
    from mlyard.models.signature import *  # noqa: F403
    from mlyard.models.signature.type_hints import *  # noqa: F403
    from mlyard.models.trial import *  # noqa: F403
    from mlyard.models.wheels import *  # noqa: F403
else:
    # Light modules first: those from type_hints on load pandas.
    _HOMES = (
        "signature",
        "script",
        "load",
        "info",
        "change",
        "wheels",
        "signature.type_hints",
        "format.example",
        "trial",
    )

    def __getattr__(name):
        from mlyard.core.lazy import look_up, names_of

        found = sorted(names_of(__name__, _HOMES)) if name == "__all__" else look_up(__name__, _HOMES, name)
        globals()[name] = found
        return found

    def __dir__():
        return __getattr__("__all__")
