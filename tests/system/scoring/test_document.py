"""The scoring server's OpenAPI document and its page, made from the signature."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlyard
from mlyard.models import infer_signature
from mlyard.scoring.openapi import document, json_schema, sample
from tests.conftest import SOAK, START_SECONDS, clean_environment
from tests.system.scoring.conftest import COLUMNS, DATA, Served, split

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture(scope="module")
def signed(serve: Callable[..., Served]) -> Served:
    """The model with a signature and an example."""
    return serve("signed")


def test_the_document_says_what_the_model_takes(signed: Served) -> None:
    found: Any = signed.live.get("/openapi.json").json()
    body = found["paths"]["/invocations"]["post"]["requestBody"]["content"]["application/json"]
    (records,) = (form for form in body["schema"]["oneOf"] if "dataframe_records" in form["properties"])
    row = records["properties"]["dataframe_records"]["items"]
    assert row["required"] == COLUMNS
    assert row["properties"]["bmi"] == {"type": "number", "format": "double"}
    assert body["example"] == split(DATA.head(1))
    assert signed.ask(body["example"])[0] == 200


def test_requests_made_from_the_document_get_the_answers_that_it_names(signed: Served, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{signed.live.url}/openapi.json",
        *("--checks", CHECKS, "-n", "500" if SOAK else "20", "--phases", "coverage,fuzzing"),
        *("--continue-on-failure", "--no-color", "--request-timeout", str(START_SECONDS)),
        *("--suppress-health-check", "too_slow"),
    ]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    cases = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert cases is not None
    assert int(cases[1]) > 50


def test_the_page_loads_nothing(signed: Served) -> None:
    answer = signed.live.get("/docs")
    text = answer.data.decode()
    assert "bmi" in text
    assert not re.search(r"""(src|href|action|url)\s*[=(]\s*["']?\s*(https?:)?//""", text)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_names_are_no_markup(tmp_path: Path, diabetes: Any) -> None:
    data = DATA.rename(columns={"bmi": "<img src=x onerror=alert(1)>"})
    mlyard.sklearn.save_model(type(diabetes)().fit(data, DATA["bmi"]), tmp_path / "m", signature=infer_signature(data))
    from mlyard.scoring.page import page

    text = page(mlyard.pyfunc.load_model(str(tmp_path / "m"))).decode()
    assert "<img" not in text
    assert "&lt;img src=x" in text


NESTED = pd.DataFrame(
    {
        "when": pd.to_datetime(["2026-01-01"]),
        "tags": [["a", "b"]],
        "place": [{"lat": 1.5, "names": ["x"]}],
        "flag": [True],
        "raw": [b"ab"],
        "count": [3],
    }
)


def test_every_type_has_a_schema_and_a_sample_that_the_signature_takes(tmp_path: Path) -> None:
    signature = infer_signature(NESTED)
    assert signature.inputs is not None
    schemas = [json_schema(spec.to_dict()) for spec in signature.inputs.columns]
    assert [schema["type"] for schema in schemas] == ["string", "array", "object", "boolean", "string", "integer"]
    example = sample(signature.inputs)["dataframe_split"]
    from mlyard.models.input.table import enforce

    frame = enforce(pd.DataFrame(example["data"], columns=example["columns"]), signature.inputs, from_json=True)
    assert frame.dtypes["count"] == "int64"
    assert frame.dtypes["when"].kind == "M"


def test_a_model_without_a_signature_has_a_document(diabetes: Any, tmp_path: Path) -> None:
    mlyard.sklearn.save_model(diabetes, tmp_path / "m")
    found = document(mlyard.pyfunc.load_model(str(tmp_path / "m")))
    assert json.loads(json.dumps(found))["openapi"] == "3.1.0"
