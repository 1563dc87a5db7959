"""``mlyard.sklearn``: the scikit-learn flavor under the name that scripts use."""

from mlyard.flavors.sklearn import *  # noqa: F403
from mlyard.flavors.sklearn import __all__  # noqa: F401
