"""``mlyard.sentence_transformers``: the sentence transformers flavor under the name that scripts use."""

from mlyard.flavors.sentence_transformers import *
