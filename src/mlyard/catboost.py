"""``mlyard.catboost``: the CatBoost flavor under the name that scripts use."""

from __future__ import annotations

from mlyard.flavors.catboost import load_model, log_model, save_model

__all__ = ["load_model", "log_model", "save_model"]
