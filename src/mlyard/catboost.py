"""``mlyard.catboost``: the CatBoost flavor under the name that scripts use."""

from mlyard.flavors.catboost import *
