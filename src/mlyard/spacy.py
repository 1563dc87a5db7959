"""``mlyard.spacy``: the spaCy flavor under the name that scripts use."""

from mlyard.flavors.spacy import *
