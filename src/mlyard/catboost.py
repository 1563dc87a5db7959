"""``mlyard.catboost``: the CatBoost flavor under MLflow's import path."""

from mlyard.flavors.catboost import *  # noqa: F403
from mlyard.flavors.catboost import __all__  # noqa: F401
