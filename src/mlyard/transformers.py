"""``mlyard.transformers``: the transformers flavor under the name that scripts use."""

from mlyard.flavors.transformers import *  # noqa: F403
from mlyard.flavors.transformers import __all__  # noqa: F401
