"""``mlyard.keras``: the Keras flavor under MLflow's import path."""

from mlyard.flavors.keras import *  # noqa: F403
from mlyard.flavors.keras import __all__  # noqa: F401
