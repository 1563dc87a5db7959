"""``mlyard.catboost``: the CatBoost flavor under the name that scripts use."""

from mlyard.flavors.catboost import *  # noqa: F403
from mlyard.flavors.catboost import __all__  # noqa: F401
