"""``mlyard.lightgbm``: the LightGBM flavor under the name that scripts use."""

from mlyard.flavors.lightgbm import *
