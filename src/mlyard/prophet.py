"""``mlyard.prophet``: the Prophet flavor under the name that scripts use."""

from mlyard.flavors.prophet import *
