from __future__ import annotations

from typing import Any

import pandas as pd
from pyspark.ml import Pipeline
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.sql import SparkSession

DATA = {"": pd.DataFrame({"a": [1.0, 2.0, 5.0], "b": [0.0, 1.0, 2.0]})}
NEEDS = {"pandas", "pyspark"}
RUNS: dict[str, set[str]] = {}
OPTIONS: dict[str, dict[str, Any]] = {}


def session() -> Any:
    local = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return SparkSession.builder.master("local[1]").config(map=local).getOrCreate()


def linear() -> Any:
    known = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0.0, 1.0, 0.0, 1.0], "label": [1.0, 3.0, 3.0, 5.0]})
    frame = session().createDataFrame(known)
    stages = [VectorAssembler(inputCols=["a", "b"], outputCol="features"), LinearRegression(regParam=0.01)]
    return Pipeline(stages=stages).fit(frame)


MODELS = {"linear": linear}


def ask(model: Any, data: Any) -> Any:
    answer = model.transform(session().createDataFrame(data))
    return [row.prediction for row in answer.select("prediction").collect()]
