from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from prophet import Prophet

PAST = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=60), "y": np.sin(np.arange(60.0)) + np.arange(60.0)})
DATA = {"": pd.DataFrame({"ds": pd.date_range("2024-03-01", periods=5)})}
NEEDS = {"numpy", "pandas", "prophet"}
RUNS: dict[str, set[str]] = {}
OPTIONS: dict[str, dict[str, Any]] = {}


def plain() -> Any:
    # Without samples nothing in a forecast is left to chance.
    return Prophet(weekly_seasonality=True, daily_seasonality=False, uncertainty_samples=0).fit(PAST)


MODELS = {"plain": plain}


def ask(model: Any, data: Any) -> Any:
    return model.predict(data)["yhat"]
