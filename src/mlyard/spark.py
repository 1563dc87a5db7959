"""``mlyard.spark``: the Spark ML flavor under the name that scripts use."""

from mlyard.flavors.spark import *  # noqa: F403
from mlyard.flavors.spark import __all__  # noqa: F401
