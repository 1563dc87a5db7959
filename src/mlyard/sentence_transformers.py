"""``mlyard.sentence_transformers``: the sentence transformers flavor under MLflow's import path."""

from mlyard.flavors.sentence_transformers import *  # noqa: F403
from mlyard.flavors.sentence_transformers import __all__  # noqa: F401
