"""``mlyard.sklearn``: the scikit-learn flavor under MLflow's import path."""

from mlyard.flavors.sklearn import *  # noqa: F403
from mlyard.flavors.sklearn import __all__  # noqa: F401
