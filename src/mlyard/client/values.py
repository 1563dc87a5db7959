"""Converts the numbers and texts that users log into what the stores take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import structs

from mlyard.core.clock import now_ms
from mlyard.core.errors import InvalidParameter
from mlyard.core.unicode import check_unicode
from mlyard.domain.metrics import Metric
from mlyard.domain.runs import Param, RunTag

_NOT_A_NUMBER = (TypeError, ValueError, OverflowError, RuntimeError)  # RuntimeError: a tensor of several elements


def metric_of(
    key: str, value: Any, timestamp: Any = None, step: Any = None, model_id: str | None = None, dataset: Any = None
) -> Metric:
    """A point of a metric. Raises InvalidParameter.

    The value may be what ``float()`` takes, or an array or tensor of one element. ``dataset`` has a name and a digest.
    """
    try:
        number = float(_scalar(value))
    except _NOT_A_NUMBER:
        raise InvalidParameter(
            f"Invalid value {value!r} for parameter 'value' supplied: metric {key!r} must be a number. "
            f"Hint: Value was of type '{type(value).__name__}'."
        ) from None
    return Metric(
        _key(key, "Metric name"),
        number,
        now_ms() if timestamp is None else whole(timestamp, "timestamp", f"metric {key!r}"),
        0 if step is None else whole(step, "step", f"metric {key!r}"),
        model_id,
        None if dataset is None else dataset.name,
        None if dataset is None else dataset.digest,
    )


def checked_metric(metric: Metric) -> Metric:
    """The metric with numbers of the types that the stores take. Raises InvalidParameter."""
    if (type(metric.value), type(metric.timestamp), type(metric.step)) == (float, int, int):
        return metric
    point = metric_of(metric.key, metric.value, metric.timestamp, metric.step)
    return structs.replace(metric, value=point.value, timestamp=point.timestamp, step=point.step)


def checked_params(params: Iterable[Param]) -> list[Param]:
    """The params with their values as text. Raises InvalidParameter for a key that is not text."""
    return [Param(_key(each.key, "Param key"), _text(each.value, f"Param value of {each.key}")) for each in params]


def checked_tags(tags: Iterable[RunTag]) -> list[RunTag]:
    """The tags with their values as text. Raises InvalidParameter for a key that is not text."""
    return [RunTag(_key(each.key, "Tag key"), _text(each.value, f"Tag value of {each.key}")) for each in tags]


def whole(value: Any, name: str, what: str) -> int:
    """An integer, also one given as 2.0 or as an array of one element. Raises InvalidParameter for a fraction."""
    if type(value) is int:
        return value
    try:
        number = _scalar(value)
        integer = int(number)
        if isinstance(number, str) or integer == number:
            return integer
    except _NOT_A_NUMBER:
        pass
    raise InvalidParameter(
        f"Invalid value {value!r} for parameter '{name}' supplied: {what} needs a whole number. "
        f"Hint: Value was of type '{type(value).__name__}'."
    )


def _scalar(value: Any) -> Any:
    """The number in an array or a tensor of one element; other values as they are."""
    if not hasattr(value, "item") and hasattr(value, "numpy"):  # TensorFlow's tensors
        value = value.numpy()
    return value.item() if hasattr(value, "item") else value


def _text(value: Any, what: str) -> str:
    text = str(value)
    check_unicode(text, what)
    return text


def _key(key: Any, what: str) -> str:
    if not isinstance(key, str):
        raise InvalidParameter(f"{what} must be text, not {key!r}.")
    return key
