"""``mlyard.spacy``: the spaCy flavor under MLflow's import path."""

from mlyard.flavors.spacy import *  # noqa: F403
from mlyard.flavors.spacy import __all__  # noqa: F401
