"""``mlyard.prophet``: the Prophet flavor under the name that scripts use."""

from mlyard.flavors.prophet import *  # noqa: F403
from mlyard.flavors.prophet import __all__  # noqa: F401
