"""Loads what ``making.py`` saved and prints the answers as JSON: ``calling.py MODULE FOLDER WAY``.

WAY: ``pyfunc``, ``sklearn`` (the flavor's own), or ``serve``: a request to the scoring server's application.
"""

import asyncio
import importlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes

warnings.simplefilter("ignore")
X = load_diabetes(as_frame=True)["data"].head(3)


def given(folder):
    """The input, its columns in another order: the names tell."""
    return ["a", "b"] if folder.endswith("-typed") else X[X.columns[::-1]]


def plain(answer):
    values = answer.tolist() if isinstance(answer, (np.ndarray, pd.Series)) else list(answer)
    return [round(value, 6) if isinstance(value, float) else value for value in values]


def by_pyfunc(module, folder):
    return plain(importlib.import_module(f"{module}.pyfunc").load_model(folder).predict(given(folder)))


def by_sklearn(module, folder):
    return plain(importlib.import_module(f"{module}.sklearn").load_model(folder).predict(X))


def by_serving(module, folder):
    model = importlib.import_module(f"{module}.pyfunc").load_model(folder)
    application = importlib.import_module("mlflow.pyfunc.scoring_server").init(model)
    data = given(folder)
    body = {"inputs": data} if isinstance(data, list) else {"dataframe_split": data.to_dict(orient="split")}
    return plain(json.loads(asyncio.run(post(application, "/invocations", json.dumps(body).encode())))["predictions"])


async def post(application, path, body):
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path,
        "raw_path": path.encode(), "root_path": "", "scheme": "http", "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent = []
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await application(scope, receive, send)
    return b"".join(message.get("body", b"") for message in sent)


WAYS = {"pyfunc": by_pyfunc, "sklearn": by_sklearn, "serve": by_serving}

if __name__ == "__main__":
    module, target, way = sys.argv[1:]
    answers = {}
    for folder in sorted(Path(target).iterdir()):
        if way == "sklearn" and not folder.name.startswith("sklearn-"):
            continue
        try:
            answers[folder.name] = WAYS[way](module, str(folder))
        except Exception as error:  # noqa: BLE001 - the table says so
            answers[folder.name] = repr(error)[:300]
    print(json.dumps(answers))
