"""``mlyard.pyfunc``: python_function models under the name that scripts use."""

from __future__ import annotations

from mlyard.batch.on_spark import spark_udf
from mlyard.flavors.pyfunc import log_model, save_model
from mlyard.models.custom import PythonModel, PythonModelContext
from mlyard.models.format.flavor import PYTHON_FUNCTION as FLAVOR_NAME
from mlyard.models.pyfunc import PyFuncModel, get_model_dependencies, load_model

__all__ = [
    "FLAVOR_NAME",
    "PyFuncModel",
    "PythonModel",
    "PythonModelContext",
    "get_model_dependencies",
    "load_model",
    "log_model",
    "save_model",
    "spark_udf",
]
