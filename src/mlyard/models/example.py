"""Input examples, saved beside the model and as a request body for its server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter

_FILE = "input_example.json"
_SERVING_FILE = "serving_input_example.json"


def save_example(example: Any, folder: Path) -> dict[str, Any]:
    """Write both files; what the MLmodel file says of them. Raises InvalidParameter."""
    if isinstance(example, pd.DataFrame):
        body = json.loads(example.to_json(orient="split", index=False, date_format="iso"))
        content, request = body, {"dataframe_split": body}
        info = {"type": "dataframe", "pandas_orient": "split"}
    elif isinstance(example, (np.ndarray, list)):
        content = np.asarray(example).tolist()
        request, info = {"inputs": content}, {"type": "ndarray", "format": "tf-serving"}
        content = {"inputs": content}
    else:
        raise InvalidParameter(f"An input example must be a data frame, an array or a list, not {type(example)}.")
    (folder / _FILE).write_text(json.dumps(content), encoding="utf-8")
    (folder / _SERVING_FILE).write_text(json.dumps(request, indent=2), encoding="utf-8")
    return {**info, "artifact_path": _FILE, "serving_input_path": _SERVING_FILE}
