"""``mlyard.pytorch``: the PyTorch flavor under the name that scripts use."""

from mlyard.flavors.pytorch import *  # noqa: F403
from mlyard.flavors.pytorch import __all__  # noqa: F401
