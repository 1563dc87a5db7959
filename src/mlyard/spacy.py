"""``mlyard.spacy``: the spaCy flavor under the name that scripts use."""

from mlyard.flavors.spacy import *  # noqa: F403
from mlyard.flavors.spacy import __all__  # noqa: F401
