"""``mlyard.lightgbm``: the LightGBM flavor under the name that scripts use."""

from mlyard.flavors.lightgbm import *  # noqa: F403
from mlyard.flavors.lightgbm import __all__  # noqa: F401
