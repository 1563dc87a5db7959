"""``mlyard.statsmodels``: the statsmodels flavor under the name that scripts use."""

from mlyard.flavors.statsmodels import *
