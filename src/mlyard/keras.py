"""``mlyard.keras``: the Keras flavor under the name that scripts use."""

from mlyard.flavors.keras import *
