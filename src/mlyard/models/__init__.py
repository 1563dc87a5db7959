"""Models: folders that hold a trained model, how to call it, and what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlyard.models.change import *
    from mlyard.models.format.example import *
    from mlyard.models.info import *
    from mlyard.models.load import *
    from mlyard.models.script import *
    from mlyard.models.signature import *
    from mlyard.models.signature.type_hints import *
    from mlyard.models.trial import *
    from mlyard.models.wheels import *
else:
    # The light ones first: those from type_hints on load pandas.
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
