"""``mlyard.xgboost``: the XGBoost flavor under the name that scripts use."""

from mlyard.flavors.xgboost import *  # noqa: F403
from mlyard.flavors.xgboost import __all__  # noqa: F401
