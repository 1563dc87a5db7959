"""mlyard's version, and the MLflow version whose protocol it speaks."""

__version__ = "0.1.0"
MLFLOW_VERSION = "3.17.2"
