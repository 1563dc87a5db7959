"""``mlyard.statsmodels``: the statsmodels flavor under the name that scripts use."""

from mlyard.flavors.statsmodels import *  # noqa: F403
from mlyard.flavors.statsmodels import __all__  # noqa: F401
