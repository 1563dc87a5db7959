"""Models on a Spark cluster: as user-defined functions, and for scoring files.

The cluster's machines must have mlyard and the model's requirements installed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from mlyard.batch.shipping import predict_packed, value_or_raise
from mlyard.batch.writers import frame_of
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.metadata import read_mlmodel
from mlyard.models.load import fetch
from mlyard.models.packed import load_packed, pack, unpack
from mlyard.models.pyfunc import load_folder
from mlyard.models.signature.types import Array, DataType

if TYPE_CHECKING:
    from mlyard.batch.rows import Chunk
    from mlyard.models.signature.schema import Schema

__all__ = ["spark_udf"]

_AHEAD = 2
_TYPES = {
    "boolean": "boolean", "integer": "int", "long": "long", "float": "float", "double": "double", "string": "string",
    "binary": "binary", "datetime": "timestamp",
}  # fmt: skip
_KINDS = {"byte": "iu", "short": "iu", "integer": "iu", "long": "iu", "float": "iuf", "double": "iuf", "boolean": "b"}
_DTYPES = {
    "byte": "int8", "short": "int16", "integer": "int32", "long": "int64", "float": "float32", "double": "float64",
    "boolean": "bool",
}  # fmt: skip


def spark_udf(
    spark: Any,
    model_uri: str | Path,
    result_type: Any = None,
    env_manager: str | None = None,
    params: Mapping[str, Any] | None = None,
    extra_env: Mapping[str, str] | None = None,
    model_config: Mapping[str, Any] | str | Path | None = None,
) -> Callable[..., Any]:
    """Make a function of Spark columns that returns a model's predictions.

    Call it with columns or their names in the model's order, with one struct column, or without arguments: then it
    takes the columns that the signature names. The cluster's machines need mlyard and what the model needs.

    Args:
        spark: The ``SparkSession``.
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        result_type: The type of the result, as a Spark type or its text. If the model returns a table, a plain type
            takes the first column that fits it, an array takes all columns that do, and a struct takes the columns
            that it names. Default: the type of the signature's output; double if it has none.
        env_manager: Only ``"local"``, the environment of Spark's workers, is supported. Default: None, the same.
        params: Params of each prediction, by name. Default: those of the signature.
        extra_env: Environment variables to set in the workers. Default: none.
        model_config: New values for keys of the configuration that the model was saved with, as a dict or as the path
            of a YAML file. Default: None.

    Returns:
        The function. It returns a Spark column with one value per row.

    Raises:
        InvalidParameter: ``env_manager`` is not ``"local"``, or the model is damaged.
        DoesNotExist: There is no model at ``model_uri``.
        MissingExtra: PySpark is not installed.

    Example:
        >>> import pandas as pd
        >>> from pyspark.sql import SparkSession
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> data = pd.DataFrame({"x": [0.0, 1.0, 2.0]})
        >>> mlyard.sklearn.save_model(LinearRegression().fit(data, [0.0, 2.0, 4.0]), "twice", input_example=data)
        >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
        >>> twice = mlyard.pyfunc.spark_udf(spark, "twice")
        >>> rows = spark.createDataFrame(data).withColumn("y", twice()).collect()
        >>> [round(row["y"], 3) for row in rows]
        [0.0, 2.0, 4.0]
        >>> spark.stop()
    """
    need("pyspark", "spark")
    _check_environment(env_manager)
    folder = fetch(model_uri)
    model = read_mlmodel(folder)
    names = _names(model.get_input_schema())
    kind = _type_of(result_type or _result_type(model.get_output_schema()))
    work = _Work(_shipped(spark, folder), names, kind, dict(params or {}), dict(extra_env or {}), model_config)
    return _with_columns(_pandas_udf(work, kind), names)


def _check_environment(env_manager: str | None) -> None:
    if env_manager not in (None, "local"):
        raise InvalidParameter(
            f"spark_udf uses the environment of Spark's workers, not one by {env_manager!r}. Install what the model "
            "needs there (mlyard.pyfunc.get_model_dependencies names it), and leave out env_manager."
        )


def _with_columns(udf: Callable[..., Any], names: list[str]) -> Callable[..., Any]:
    def call(*columns: Any) -> Any:
        if not columns and not names:
            raise InvalidParameter("The model's signature does not name columns: pass the columns to the function.")
        return udf(*(columns or names))

    return call


def _pandas_udf(work: _Work, kind: Any) -> Callable[..., Any]:
    import pandas as pd
    from pyspark.sql.functions import pandas_udf
    from pyspark.sql.types import StructType

    def predict(batches: Any) -> Any:
        return work(batches)

    # Spark finds out from the annotations how to call the function.
    argument = Iterator[tuple[Union[pd.Series, pd.DataFrame], ...]]  # noqa: UP007 - PySpark does not know `X | Y`
    result = Iterator[pd.DataFrame] if isinstance(kind, StructType) else Iterator[pd.Series]
    predict.__annotations__ = {"batches": argument, "return": result}
    udf: Callable[..., Any] = pandas_udf(predict, returnType=kind)
    return udf


class _Work:
    """The function that a worker of Spark calls with its batches of rows."""

    def __init__(
        self, shipped: Any, names: list[str], kind: Any, params: dict[str, Any], env: dict[str, str], config: Any
    ) -> None:
        self._shipped, self._names, self._kind = shipped, names, kind
        self._params, self._env, self._config = params, env, config

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        os.environ.update(self._env)
        packed = _received(self._shipped)
        model = load_folder(unpack(packed), self._config) if self._config else load_packed(packed)
        for columns in batches:
            # Spark passes a single column as it is, several as a tuple.
            frame = _frame(columns if isinstance(columns, tuple) else (columns,), self._names)
            yield result_of(model.predict(frame, self._params or None), self._kind, len(frame))


def _frame(columns: tuple[Any, ...], names: list[str]) -> Any:
    import pandas as pd

    if len(columns) == 1 and isinstance(columns[0], pd.DataFrame):
        return columns[0]
    if len(columns) > len(names):
        names = [str(number) for number in range(len(columns))]
    return pd.DataFrame(dict(zip(names, columns, strict=False)))


def result_of(predictions: Any, kind: Any, rows: int) -> Any:
    """Predictions as a series or data frame of the Spark type ``kind``. Raises InvalidParameter if they do not fit."""
    import pandas as pd
    from pyspark.sql.types import ArrayType, StructType

    table = frame_of(predictions)
    if len(table) != rows:
        raise InvalidParameter(
            f"The model returns {len(table)} predictions for {rows} rows; Spark needs one for each row."
        )
    if isinstance(kind, StructType):
        return table[[field.name for field in kind.fields]]
    if isinstance(kind, ArrayType):
        inner = kind.elementType.typeName()
        columns = [_cast(table[name], inner) for name in _fitting(table, inner)]
        if len(table.columns) == 1 and table.iloc[:, 0].map(lambda value: hasattr(value, "__len__")).all():
            return table.iloc[:, 0].map(list)
        return pd.Series(list(zip(*columns, strict=True))).map(list)
    name = kind.typeName()
    return _cast(table[_fitting(table, name)[0]], name)


def _fitting(table: Any, name: str) -> list[Any]:
    """The columns that fit a type."""
    kinds = _KINDS.get(name)
    found = [each for each in table.columns if kinds is None or table[each].dtype.kind in kinds]
    if not found and not (name not in _KINDS or len(table.columns) == 1):
        raise InvalidParameter(f"No column of the predictions fits {name}: their types are {dict(table.dtypes)}.")
    return found or list(table.columns)


def _cast(values: Any, name: str) -> Any:
    if name == "string":
        return values.astype(str)
    return values.astype(_DTYPES[name]) if name in _DTYPES else values


def _names(schema: Schema | None) -> list[str]:
    return [str(spec.name) for spec in schema.columns if spec.name is not None] if schema else []


def _result_type(schema: Schema | None) -> str:
    """The type of the signature's output: a plain type for one column, a struct for several, double without any."""
    columns = [(spec.name, _spark_type(spec.type)) for spec in schema.columns] if schema else []
    if not columns or any(kind is None for _, kind in columns):
        return "double"
    if len(columns) == 1:
        return str(columns[0][1])
    return ", ".join(f"`{name}` {kind}" for name, kind in columns)


def _spark_type(kind: Any) -> str | None:
    """The name of a type in Spark; None if it is neither a plain type nor an array of one."""
    if isinstance(kind, DataType):
        return _TYPES[kind.value]
    inner = _spark_type(kind.dtype) if isinstance(kind, Array) else None
    return f"array<{inner}>" if inner else None


def _type_of(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    from pyspark.sql.types import _parse_datatype_string

    return _parse_datatype_string(given)


def _shipped(spark: Any, folder: Path) -> Any:
    """The model in a form that reaches the workers: broadcast if the session supports it, else part of the function."""
    packed = pack(folder)
    try:
        return spark.sparkContext.broadcast(packed)
    except (AttributeError, NotImplementedError):
        return packed
    except Exception as error:
        if type(error).__name__ != "PySparkAttributeError":
            raise
        return packed


def _received(shipped: Any) -> Any:
    return shipped.value if hasattr(shipped, "value") else shipped


def predict_on_spark(folder: Path, chunks: Iterable[Chunk]) -> Iterator[Any]:
    """Predictions in the order of the chunks, a few chunks per processor of the cluster at a time.

    Uses the active session, or else the one that spark-submit or Spark's settings configure; without settings, Spark
    runs on this machine. Raises MissingExtra if Spark is not installed.
    """
    sql: Any = need("pyspark.sql", "spark")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    active = sql.SparkSession.getActiveSession()
    spark = active or sql.SparkSession.builder.appName("mlyard").getOrCreate()
    try:
        context = spark.sparkContext
        shipped = _shipped(spark, folder)
        waiting = iter(chunks)
        while group := list(islice(waiting, _AHEAD * context.defaultParallelism)):
            results = context.parallelize(group, len(group)).map(lambda chunk: _score(shipped, chunk)).collect()
            yield from map(value_or_raise, results)
    finally:
        if active is None:
            spark.stop()


def _score(shipped: Any, chunk: Chunk) -> Any:
    return predict_packed(_received(shipped), chunk)
