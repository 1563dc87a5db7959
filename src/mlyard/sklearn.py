"""``mlyard.sklearn``: the scikit-learn flavor under the name that scripts use."""

from mlyard.flavors.sklearn import *
