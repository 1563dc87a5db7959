"""``mlyard.pytorch``: the PyTorch flavor under the name that scripts use."""

from mlyard.flavors.pytorch import *
