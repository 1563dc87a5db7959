"""Spark ML's pipelines, as Spark keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.format.options import LogOptions, SaveOptions
    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "spark"
_FOLDER = "sparkml"
_CLASS = "pyspark.ml.pipeline.PipelineModel"
_KNOWN_CLASSES = ("org.apache.spark.ml.", "pyspark.ml.")
_CLASSES_WITH_CODE = ("org.apache.spark.ml.feature.SQLTransformer", "pyspark.ml.connect.")
"""A statement of SQL calls methods of Java; what is trained over Spark Connect is kept as pickles."""
_DISTRIBUTIONS = ("pandas", "pyspark")


def save_model(spark_model: Any, path: str | Path, **options: Unpack[SaveOptions]) -> None:
    """Save a fitted pipeline, or one fitted stage, to a new or empty folder. Raises InvalidParameter."""
    save(path, _writer(spark_model), options)


def log_model(spark_model: Any, artifact_path: str | None = None, **options: Unpack[LogOptions]) -> ModelInfo:
    """Log a pipeline to the active run below ``name`` (``artifact_path`` in older scripts); see ``save_model``."""
    return log(artifact_path, _writer(spark_model), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """The ``PipelineModel`` itself, in the active Spark session or a local one.

    Raises DoesNotExist, InvalidParameter, PermissionDenied.
    """
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> SparkPredictor:
    """For python_function."""
    return SparkPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """The metadata of stages that are not Spark's own, or that hold code."""
    data = str(folder.entry(FLAVOR).get("model_data", _FOLDER))
    found = sorted({name for name in _classes(folder.file(data)) if not _is_known(name)})
    return (Executable(f"{data}/", f"its stages are of {', '.join(found)}"),) if found else ()


def modules_of(folder: ModelFolder) -> set[str]:
    """Spark alone: its files name classes of Java."""
    return {"pyspark"}


class SparkPredictor:
    """Runs a pipeline in the active Spark session."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The values of the column 'prediction', a list: numbers, or lists of them for vectors."""
        import pandas as pd

        frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
        answer = self._model.transform(_session().createDataFrame(frame))
        if "prediction" not in answer.columns:
            raise InvalidParameter(f"The pipeline's output has no column 'prediction'; it has {answer.columns}.")
        values = [row.prediction for row in answer.select("prediction").collect()]
        return [value.toArray().tolist() if hasattr(value, "toArray") else value for value in values]

    def unwrap(self) -> Any:
        """The ``PipelineModel``."""
        return self._model


def _session() -> Any:
    """The active session, else a small one on this machine."""
    builder = need("pyspark.sql", FLAVOR).SparkSession
    local = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
    }
    return builder.getActiveSession() or builder.builder.master("local[*]").config(map=local).getOrCreate()


def _writer(model: Any) -> WriteFlavor:
    def write(folder: Path) -> Flavored:
        pyspark, ml = need("pyspark", FLAVOR), need("pyspark.ml", FLAVOR)
        if not isinstance(model, ml.Transformer) or not hasattr(model, "write"):
            raise InvalidParameter(
                f"The model must be a fitted Spark ML pipeline or stage, not a {type(model).__name__}."
            )
        pipeline = model if isinstance(model, ml.PipelineModel) else ml.PipelineModel([model])
        pipeline.write().save((folder / _FOLDER).resolve().as_uri())
        return Flavored(
            name=FLAVOR,
            entry={"model_class": _CLASS, "model_data": _FOLDER, "pyspark_version": pyspark.__version__},
            python_function={"loader_module": "mlflow.spark", "data": _FOLDER},
            distributions=_DISTRIBUTIONS,
            predictor=lambda: SparkPredictor(pipeline),
        )

    return write


def _load(folder: ModelFolder) -> Any:
    entry = folder.entry(FLAVOR)
    if entry.get("model_class", _CLASS) != _CLASS:
        raise InvalidParameter(f"The model at {str(folder.path)!r} is a {entry['model_class']!r}, not a {_CLASS}.")
    place = folder.file(entry.get("model_data", _FOLDER))
    _session()
    return need("pyspark.ml", FLAVOR).PipelineModel.load(place.as_uri())


def _is_known(name: str) -> bool:
    return name.startswith(_KNOWN_CLASSES) and not name.startswith(_CLASSES_WITH_CODE)


def _classes(place: Path) -> Iterator[str]:
    """The classes that the metadata of a pipeline and of its stages name; '?' for what cannot be read."""
    files = [file for file in place.rglob("metadata/*") if file.is_file() and not file.name.startswith((".", "_"))]
    if not files:
        yield "?"
    for file in files:
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            yield str(content["class"])
            # What is trained in Python beside Java's classes is named here.
            yield from _texts(content.get("paramMap", {}).get("pythonClass"))
        except (ValueError, KeyError, AttributeError):
            yield "?"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
