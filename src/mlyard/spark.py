"""``mlyard.spark``: the Spark ML flavor under MLflow's import path."""

from mlyard.flavors.spark import *  # noqa: F403
from mlyard.flavors.spark import __all__  # noqa: F401
