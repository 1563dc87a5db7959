"""``mlyard.xgboost``: the XGBoost flavor under the name that scripts use."""

from mlyard.flavors.xgboost import *
