"""``mlyard.statsmodels``: the statsmodels flavor under MLflow's import path."""

from mlyard.flavors.statsmodels import *  # noqa: F403
from mlyard.flavors.statsmodels import __all__  # noqa: F401
