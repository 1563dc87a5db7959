"""``mlyard.pytorch``: the PyTorch flavor under the name that scripts use."""

from __future__ import annotations

from mlyard.flavors.pytorch import (
    load_model,
    load_state_dict,
    log_model,
    log_state_dict,
    save_model,
    save_state_dict,
)

__all__ = ["load_model", "load_state_dict", "log_model", "log_state_dict", "save_model", "save_state_dict"]
