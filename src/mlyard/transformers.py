"""``mlyard.transformers``: the transformers flavor under MLflow's import path."""

from mlyard.flavors.transformers import *  # noqa: F403
from mlyard.flavors.transformers import __all__  # noqa: F401
