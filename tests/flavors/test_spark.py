"""What is Spark's alone: single stages, and stages that run code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import SQLTransformer, VectorAssembler

import mlyard
from mlyard.core.errors import InvalidParameter, PermissionDenied
from mlyard.models import inspect_model
from tests.flavors.exchange import save
from tests.flavors.trained.spark import session


def test_one_stage_becomes_a_pipeline(tmp_path: Path) -> None:
    session()
    assembler = VectorAssembler(inputCols=["a", "b"], outputCol="prediction")
    mlyard.spark.save_model(assembler, tmp_path / "m", pip_requirements=[])
    loaded = mlyard.spark.load_model(tmp_path / "m")
    assert isinstance(loaded, PipelineModel)
    answer = mlyard.pyfunc.load_model(tmp_path / "m").predict(pd.DataFrame({"a": [1.0], "b": [2.0]}))
    assert answer == [[1.0, 2.0]]


def test_statements_and_foreign_classes_are_told_and_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session()
    statement = SQLTransformer(statement="SELECT *, 1 AS prediction FROM __THIS__")
    mlyard.spark.save_model(PipelineModel([statement]), tmp_path / "m", pip_requirements=[])
    save("spark", "linear", tmp_path / "n")
    change(next((tmp_path / "n" / "sparkml" / "stages").glob("0_*/metadata/part-*")), "os.system")
    monkeypatch.setenv("MLYARD_ALLOW_PICKLE", "0")
    for name in ("m", "n"):
        assert [each.file for each in inspect_model(tmp_path / name)] == ["sparkml/"]
        with pytest.raises(PermissionDenied):
            mlyard.spark.load_model(tmp_path / name)


def change(file: Path, kind: str) -> None:
    content: dict[str, Any] = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "class": kind}))
    file.with_name(f".{file.name}.crc").unlink()


def test_a_pipeline_that_was_not_fitted_is_refused(tmp_path: Path) -> None:
    from pyspark.ml import Pipeline

    session()
    with pytest.raises(InvalidParameter, match="a fitted Spark ML pipeline"):
        mlyard.spark.save_model(Pipeline(stages=[]), tmp_path / "m")
