"""``mlyard.lightgbm``: the LightGBM flavor under MLflow's import path."""

from mlyard.flavors.lightgbm import *  # noqa: F403
from mlyard.flavors.lightgbm import __all__  # noqa: F401
