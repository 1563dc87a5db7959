"""Spark ML pipelines, in Spark's own file format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.options import LogOptions, SaveOptions, document_log_options, document_save_options
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "spark"
_FOLDER = "sparkml"
_CLASS = "pyspark.ml.pipeline.PipelineModel"
_KNOWN_CLASSES = ("org.apache.spark.ml.", "pyspark.ml.")
_CLASSES_WITH_CODE = ("org.apache.spark.ml.feature.SQLTransformer", "pyspark.ml.connect.")
"""SQL statements can call Java methods, and models trained over Spark Connect are saved as pickles."""
_DISTRIBUTIONS = ("pandas", "pyspark")


@document_save_options
def save_model(spark_model: Any, path: str | Path, **options: Unpack[SaveOptions]) -> None:
    """Save a Spark ML pipeline to a local folder.

    Args:
        spark_model: A fitted ``PipelineModel``, or one fitted stage.
        path: The folder to write, which must be new or empty.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``spark_model`` is not a supported model, or an argument is invalid.
        MissingExtra: PySpark is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import pandas as pd
        >>> from pyspark.ml import Pipeline
        >>> from pyspark.ml.feature import VectorAssembler
        >>> from pyspark.ml.regression import LinearRegression
        >>> from pyspark.sql import SparkSession
        >>> import mlyard
        >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
        >>> data = spark.createDataFrame([(0.0, 0.0), (1.0, 2.0), (2.0, 4.0)], ["x", "label"])
        >>> stages = [VectorAssembler(inputCols=["x"], outputCol="features"), LinearRegression()]
        >>> mlyard.spark.save_model(Pipeline(stages=stages).fit(data), "twice")
        >>> [round(value, 3) for value in mlyard.pyfunc.load_model("twice").predict(pd.DataFrame({"x": [5.0]}))]
        [10.0]
    """
    save(path, _writer(spark_model), options)


@document_log_options
def log_model(spark_model: Any, artifact_path: str | None = None, **options: Unpack[LogOptions]) -> ModelInfo:
    """Log a Spark ML pipeline to the active run, or to a new run if none is active.

    Args:
        spark_model: A fitted ``PipelineModel``, or one fitted stage.
        artifact_path: The older name of ``name``. Default: None.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``spark_model`` is not a supported model, or an argument is invalid.
        MissingExtra: PySpark is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import pandas as pd
        >>> from pyspark.ml.feature import Binarizer
        >>> from pyspark.sql import SparkSession
        >>> import mlyard
        >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
        >>> with mlyard.start_run():
        ...     binarizer = Binarizer(threshold=0.5, inputCol="x", outputCol="prediction")
        ...     info = mlyard.spark.log_model(binarizer, name="large", registered_model_name="Large")
        >>> mlyard.pyfunc.load_model("models:/Large/1").predict(pd.DataFrame({"x": [0.25, 0.75]}))
        [0.0, 1.0]
    """
    return log(artifact_path, _writer(spark_model), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """Load a Spark ML pipeline as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.

    Returns:
        The ``PipelineModel``, in the active Spark session, or in a local one if none is active.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: PySpark is not installed.

    Example:
        >>> from pyspark.ml.feature import Binarizer
        >>> from pyspark.sql import SparkSession
        >>> import mlyard
        >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
        >>> mlyard.spark.save_model(Binarizer(threshold=0.5, inputCol="x", outputCol="prediction"), "large")
        >>> model = mlyard.spark.load_model("large")
        >>> data = spark.createDataFrame([(0.25,), (0.75,)], ["x"])
        >>> [row.prediction for row in model.transform(data).collect()]
        [0.0, 1.0]
    """
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> SparkPredictor:
    """Load the model for python_function."""
    return SparkPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """The model's folder, if it has stages that contain code or do not belong to Spark."""
    data = str(folder.entry(FLAVOR).get("model_data", _FOLDER))
    found = sorted({name for name in _classes(folder.file(data)) if not _is_known(name)})
    return (Executable(f"{data}/", f"its stages are of {', '.join(found)}"),) if found else ()


def modules_of(folder: ModelFolder) -> set[str]:
    """Only PySpark: the model's files name Java classes."""
    return {"pyspark"}


class SparkPredictor:
    """Runs a pipeline in the active Spark session."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict: a list with the values of the column 'prediction', which are numbers or lists for vectors."""
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
    """The active session, or a small local one if none is active."""
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
    """The classes in the metadata of a pipeline and its stages; '?' for metadata that cannot be read."""
    files = [file for file in place.rglob("metadata/*") if file.is_file() and not file.name.startswith((".", "_"))]
    if not files:
        yield "?"
    for file in files:
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            yield str(content["class"])
            # Stages trained in Python name their Python class here.
            yield from _texts(content.get("paramMap", {}).get("pythonClass"))
        except (ValueError, KeyError, AttributeError):
            yield "?"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
