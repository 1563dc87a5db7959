"""Models that are Python code of the user's: a class with ``predict``, or a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["PythonModel", "PythonModelContext"]


class PythonModelContext:
    """What a model gets with each call: local paths of its artifacts by name, and its configuration."""

    def __init__(self, artifacts: Mapping[str, str], model_config: Mapping[str, Any] | None = None) -> None:
        self._artifacts = dict(artifacts)
        self._model_config = dict(model_config or {})

    @property
    def artifacts(self) -> dict[str, str]:
        """Local paths by name."""
        return self._artifacts

    @property
    def model_config(self) -> dict[str, Any]:
        """What ``model_config=`` was when the model was saved, with what was said when it was loaded."""
        return self._model_config


class PythonModel:
    """The base of models that are classes. ``predict`` may leave out ``context``, and ``params``.

    Pickles name it as MLflow's, so that MLflow loads such models without mlyard.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Called once, when the model is loaded."""

    def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer."""
        raise NotImplementedError

    def predict_stream(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer, piece by piece."""
        raise NotImplementedError


class _FunctionPythonModel(PythonModel):
    """How MLflow's pickles hold a function: an object with ``func``."""

    func: Callable[..., Any]
    calls_function = True

    def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        return caller(self.func)(None, model_input, params)


def model_of_function(function: Callable[..., Any]) -> PythonModel:
    """A model that calls a function. Its class is made anew, so that pickles hold it whole."""
    with_params = takes_params(function)

    class FunctionModel(PythonModel):
        calls_function = True

        def __init__(self) -> None:
            self.func = function

        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return self.func(model_input, params=params) if with_params else self.func(model_input)

    return FunctionModel()


def caller(predict: Callable[..., Any]) -> Callable[[Any, Any, Any], Any]:
    """``predict`` as a function of context, input and params, whichever of them it takes."""
    # MLflow wraps predict to check type hints; the user's own is within.
    own = inspect.unwrap(predict)
    if own is not predict and inspect.ismethod(predict):
        own = own.__get__(predict.__self__)
    parameters = inspect.signature(own).parameters.values()
    with_params = takes_params(own)
    with_context = sum(each.name != "params" and each.kind is not each.VAR_KEYWORD for each in parameters) > 1

    def call(context: Any, model_input: Any, params: Any) -> Any:
        arguments = (context, model_input) if with_context else (model_input,)
        return own(*arguments, params=params) if with_params else own(*arguments)

    return call


def own_predict(model: Any) -> Callable[..., Any]:
    """The function that the user wrote: a model that is a function, one that calls a function, or one with predict."""
    function: Callable[..., Any] = model.predict if hasattr(model, "predict") else model
    own: Callable[..., Any] = inspect.unwrap(model.func if getattr(model, "calls_function", False) else function)
    return own


def takes_params(predict: Callable[..., Any]) -> bool:
    """Whether a function can be called with ``params=``."""
    parameters = inspect.signature(predict).parameters.values()
    return any(each.name == "params" or each.kind is each.VAR_KEYWORD for each in parameters)
