"""``mlyard.xgboost``: the XGBoost flavor under MLflow's import path."""

from mlyard.flavors.xgboost import *  # noqa: F403
from mlyard.flavors.xgboost import __all__  # noqa: F401
