"""``mlyard.prophet``: the Prophet flavor under MLflow's import path."""

from mlyard.flavors.prophet import *  # noqa: F403
from mlyard.flavors.prophet import __all__  # noqa: F401
