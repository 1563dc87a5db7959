"""Input examples, saved beside the model and as a request body for its server.

``input_example.json`` contains the example itself: columns and rows of a frame, nested lists of an array,
``data``, ``indices``, ``indptr`` and ``shape`` of a sparse matrix, otherwise the value. If the example has params,
the content is ``{"inputs": …, "params": …}``. ``serving_input_example.json`` is a request body for the scoring server.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.models.body.read import WHOLE_BODIES
from mlyard.models.body.write import Unwritable, built, simpler
from mlyard.models.input.table import enforce
from mlyard.models.signature.frames import as_pandas, is_sparse
from mlyard.models.signature.schema import Schema
from mlyard.models.signature.values import is_missing

__all__ = ["convert_input_example_to_serving_input"]

_FILE = "input_example.json"
_SERVING_FILE = "serving_input_example.json"


class Example(NamedTuple):
    """An example as JSON: its entry in the MLmodel file, its content, the request body and its params."""

    info: dict[str, str]
    content: Any
    body: dict[str, Any]
    params: dict[str, Any] | None

    def serving_input(self) -> str:
        """The request body as JSON text, including the params."""
        return json.dumps({**self.body, **self._params_of_body()}, indent=2)

    def _params_of_body(self) -> dict[str, Any]:
        if self.params is None:
            return {}
        whole = any(key in self.body for key in WHOLE_BODIES)
        return self.params if whole else {"params": self.params}


def read_example(example: Any) -> Example:
    """Convert an example to JSON.

    It may be a data frame or series (also of polars), an array, a dict of arrays, a sparse matrix, a dict, a list,
    a single value, or a tuple ``(data, params)``. Raises InvalidParameter for anything else.
    """
    if isinstance(example, tuple):
        if len(example) != 2 or not isinstance(example[1], Mapping):
            raise InvalidParameter(f"An input example that is a tuple must be (data, params), not {example!r}.")
        params = {str(name): _plain(value) for name, value in example[1].items()}
        return read_example(example[0])._replace(params=params)
    data = as_pandas(example)
    if isinstance(data, pd.Series):
        data = data.to_frame()
    if isinstance(data, pd.DataFrame):
        return _of_frame(data)
    if is_sparse(data):
        return _of_sparse(data)
    if isinstance(data, np.ndarray) or _is_dict_of_arrays(data):
        content = _plain(data)
        return Example({"type": "ndarray"}, content, {"inputs": content}, None)
    content = _plain(data)
    whole = isinstance(content, dict) and any(key in content for key in WHOLE_BODIES)
    return Example({"type": "json_object"}, content, content if whole else {"inputs": content}, None)


def save_example(example: Any, folder: Path) -> dict[str, Any]:
    """Write both files and return their entry for the MLmodel file. Raises InvalidParameter."""
    read = read_example(example)
    info = {**read.info, "artifact_path": _FILE, "serving_input_path": _SERVING_FILE}
    content = read.content
    if read.params is not None:
        info["params"] = "true"
        content = {"inputs": content, "params": read.params}
    (folder / _FILE).write_text(json.dumps(content), encoding="utf-8")
    (folder / _SERVING_FILE).write_text(read.serving_input(), encoding="utf-8")
    return info


def convert_input_example_to_serving_input(input_example: Any) -> str | None:
    """Convert an example to the body of a request to a model's server.

    Args:
        input_example: A data frame or series (pandas or polars), a numpy array, a dict of arrays, a scipy sparse
            matrix, a dict, a list, a single value, or a tuple ``(data, params)``.

    Returns:
        The body as JSON text; None if ``input_example`` is None.

    Raises:
        InvalidParameter: The example contains values that JSON cannot represent.

    Example:
        >>> import json
        >>> from mlyard.models import convert_input_example_to_serving_input
        >>> json.loads(convert_input_example_to_serving_input([[1.0, 2.0]]))
        {'inputs': [[1.0, 2.0]]}
    """
    return None if input_example is None else read_example(input_example).serving_input()


def body_of(content: Mapping[str, Any]) -> str:
    """A request body as JSON text. Its values may be of any class that an example may have. Raises InvalidParameter."""
    return json.dumps(_plain(content))


def load_example(folder: Path, info: Mapping[str, Any] | None, schema: Schema | None) -> Any:
    """The example that was saved with a model, without its params, cast to the types in ``schema``.

    ``info`` is its entry in the MLmodel file. Returns None if the model has no example. Raises DoesNotExist if the
    file is missing, InvalidParameter if it is damaged.
    """
    if not info:
        return None
    content = _content(folder, info)
    data = content["inputs"] if info.get("params") else content
    return _loaded(data, info, schema)


def load_example_params(folder: Path, info: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The params of the saved example; None if it has none. Raises the errors of ``load_example``."""
    if not info or not info.get("params"):
        return None
    params: dict[str, Any] = _content(folder, info)["params"]
    return params


def _content(folder: Path, info: Mapping[str, Any]) -> Any:
    # The MLmodel file is untrusted, so only a file directly in the folder is read.
    file = folder / Path(str(info.get("artifact_path", _FILE))).name
    if not file.is_file():
        raise DoesNotExist(f"The model's input example {str(file)!r} is missing.")
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidParameter(f"The model's input example {str(file)!r} is damaged: {error}") from None


def _loaded(data: Any, info: Mapping[str, Any], schema: Schema | None) -> Any:
    kind = str(info.get("type", "json_object"))
    if kind == "dataframe":
        frame = pd.DataFrame(data["data"], columns=data.get("columns"))
        return enforce(frame, schema, from_json=True) if schema else frame
    if kind == "ndarray":
        # MLflow before 2.9 saved arrays as a request body.
        data = data["inputs"] if info.get("format") == "tf-serving" else data
        if schema and schema.is_tensor_spec():
            return enforce(data, schema, from_json=True)
        return {name: np.array(value) for name, value in data.items()} if isinstance(data, dict) else np.array(data)
    if kind.startswith("sparse_matrix_"):
        import scipy.sparse

        make = scipy.sparse.csc_matrix if kind.endswith("csc") else scipy.sparse.csr_matrix
        return make((data["data"], data["indices"], data["indptr"]), shape=tuple(data["shape"]))
    return data


def _of_frame(frame: pd.DataFrame) -> Example:
    rows = [[_plain(cell) for cell in row] for row in frame.astype(object).to_numpy().tolist()]
    if frame.columns.equals(pd.RangeIndex(len(frame.columns))):
        content: dict[str, Any] = {"data": rows}
        return Example({"type": "dataframe", "pandas_orient": "values"}, content, {"dataframe_split": content}, None)
    content = {"columns": [_plain(name) for name in frame.columns], "data": rows}
    return Example({"type": "dataframe", "pandas_orient": "split"}, content, {"dataframe_split": content}, None)


def _of_sparse(matrix: Any) -> Example:
    matrix = matrix if matrix.format in ("csr", "csc") else matrix.tocsr()
    content = {name: _plain(getattr(matrix, name)) for name in ("data", "indices", "indptr", "shape")}
    body = {"inputs": _plain(matrix.toarray())}
    return Example({"type": f"sparse_matrix_{matrix.format}"}, content, body, None)


def _is_dict_of_arrays(data: Any) -> bool:
    return isinstance(data, dict) and bool(data) and all(isinstance(value, np.ndarray) for value in data.values())


def _plain(value: Any) -> Any:
    """Convert to JSON, with infinities as Python's json module writes them. Raises InvalidParameter."""
    try:
        return built(value, lambda single: None if is_missing(single) else single, _simpler)
    except Unwritable as error:
        raise InvalidParameter(
            f"An input example cannot contain {error}: it must be a data frame or series, an array, a dict of "
            f"arrays, a sparse matrix, or consist of dicts, lists, strings, numbers, bytes and datetimes."
        ) from None


def _simpler(value: Any) -> Any:
    # MLflow's files have a line break at the end of base64.
    return base64.encodebytes(value).decode("ascii") if isinstance(value, (bytes, bytearray)) else simpler(value)
