"""``mlyard.keras``: the Keras flavor under the name that scripts use."""

from mlyard.flavors.keras import *  # noqa: F403
from mlyard.flavors.keras import __all__  # noqa: F401
