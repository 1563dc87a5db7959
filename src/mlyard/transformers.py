"""``mlyard.transformers``: the transformers flavor under the name that scripts use."""

from mlyard.flavors.transformers import *
