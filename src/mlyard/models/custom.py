"""Models written in Python by the user: a class with ``predict``, or a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["PythonModel", "PythonModelContext"]


class PythonModelContext:
    """What a Python model receives with each call: the paths of its artifacts and its configuration.

    Args:
        artifacts: Local paths of the model's artifacts by name.
        model_config: The model's configuration. Default: empty.

    Example:
        >>> import mlyard
        >>> class Greeter(mlyard.pyfunc.PythonModel):
        ...     def predict(self, context, model_input, params=None):
        ...         with open(context.artifacts["greeting"]) as file:
        ...             greeting = file.read()
        ...         return [f"{greeting}, {name}{context.model_config['end']}" for name in model_input]
        >>> with open("greeting.txt", "w") as file:
        ...     _ = file.write("Hello")
        >>> mlyard.pyfunc.save_model(
        ...     "greeter",
        ...     python_model=Greeter(),
        ...     artifacts={"greeting": "greeting.txt"},
        ...     model_config={"end": "!"},
        ...     pip_requirements=[],
        ... )
        >>> mlyard.pyfunc.load_model("greeter").predict(["Ada"])
        ['Hello, Ada!']
    """

    def __init__(self, artifacts: Mapping[str, str], model_config: Mapping[str, Any] | None = None) -> None:
        self._artifacts = dict(artifacts)
        self._model_config = dict(model_config or {})

    @property
    def artifacts(self) -> dict[str, str]:
        """Local paths of the model's artifacts by name."""
        return self._artifacts

    @property
    def model_config(self) -> dict[str, Any]:
        """The ``model_config`` that the model was saved with, updated by the one that it was loaded with."""
        return self._model_config


class PythonModel:
    """Base class of models that are written as a class with ``predict``.

    ``predict`` may omit the parameters ``context`` and ``params``. A type hint ``list[X]`` of ``model_input`` becomes
    the model's signature. MLflow can load these models without mlyard.

    Example:
        >>> import mlyard
        >>> class Scale(mlyard.pyfunc.PythonModel):
        ...     def __init__(self, factor):
        ...         self.factor = factor
        ...
        ...     def predict(self, context, model_input, params=None):
        ...         return [self.factor * value for value in model_input]
        >>> mlyard.pyfunc.save_model("scale", python_model=Scale(3), pip_requirements=[])
        >>> mlyard.pyfunc.load_model("scale").predict([1, 2])
        [3, 6]
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Prepare the model; called once when it is loaded.

        Args:
            context: The paths of the model's artifacts, and its configuration.
        """

    def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the model's predictions. Subclasses must implement it.

        Args:
            context: The ``PythonModelContext`` with the model's artifacts and configuration.
            model_input: The input, converted to the signature if the model has one; otherwise as the caller passed it.
            params: Params of this call, cast to the signature, with its defaults. Default: None.

        Returns:
            The predictions: usually an array, a list, a series or a data frame with one row per input row.
        """
        raise NotImplementedError

    def predict_stream(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Return an iterator over the parts of the model's answer.

        Args:
            context: The ``PythonModelContext`` with the model's artifacts and configuration.
            model_input: The input as the caller passed it.
            params: Params of this call as the caller passed them. Default: None.

        Returns:
            An iterator over the parts of the answer.
        """
        raise NotImplementedError


class _FunctionPythonModel(PythonModel):
    """The class that MLflow's pickles use for a function, which they store as ``func``."""

    func: Callable[..., Any]
    calls_function = True

    def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        return caller(self.func)(None, model_input, params)


def model_of_function(function: Callable[..., Any]) -> PythonModel:
    """A model that calls a function.

    Its class is local, so that cloudpickle stores it by value and the pickle does not depend on mlyard's class.
    """
    with_params = takes_params(function)

    class FunctionModel(PythonModel):
        calls_function = True

        def __init__(self) -> None:
            self.func = function

        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return self.func(model_input, params=params) if with_params else self.func(model_input)

    return FunctionModel()


def caller(predict: Callable[..., Any]) -> Callable[[Any, Any, Any], Any]:
    """``predict`` as a function of context, input and params; arguments that it does not take are dropped."""
    # MLflow wraps predict to check type hints, so the user's function must be unwrapped.
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
    """The function that the user wrote: the model itself, the function that it wraps, or its ``predict``."""
    function: Callable[..., Any] = model.predict if hasattr(model, "predict") else model
    own: Callable[..., Any] = inspect.unwrap(model.func if getattr(model, "calls_function", False) else function)
    return own


def takes_params(predict: Callable[..., Any]) -> bool:
    """Whether a function can be called with ``params=``."""
    parameters = inspect.signature(predict).parameters.values()
    return any(each.name == "params" or each.kind is each.VAR_KEYWORD for each in parameters)
