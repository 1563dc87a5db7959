"""``mlyard.pytorch``: the PyTorch flavor under MLflow's import path."""

from mlyard.flavors.pytorch import *  # noqa: F403
from mlyard.flavors.pytorch import __all__  # noqa: F401
