from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_diabetes

X, Y = load_diabetes(return_X_y=True, as_frame=True)
X = X[["age", "bmi", "bp"]].astype("float32")
DATA = {"": X.head(5).to_numpy(), "pickle of a frame's": X.head(5)}
NEEDS = {"cloudpickle", "numpy", "pandas", "torch"}
OPTIONS = {
    "exported": {"input_example": X.head(2).to_numpy()},
    "pickle": {"serialization_format": "pickle"},
    "pickle of a frame's": {"serialization_format": "pickle"},
    "own code": {"serialization_format": "pickle"},
    "TorchScript": {"serialization_format": "pickle"},
}


def fitted(network: Any) -> Any:
    inputs, target = torch.tensor(X.to_numpy()), torch.tensor(Y.to_numpy(np.float32)).reshape(-1, 1)
    optimizer = torch.optim.Adam(network.parameters(), 0.1)
    for _ in range(20):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(network(inputs), target).backward()
        optimizer.step()
    return network


def layers() -> Any:
    torch.manual_seed(0)
    return fitted(torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1)))


def own_code() -> Any:
    """A class that the other side cannot import."""

    class Own(torch.nn.Module):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.layers = inner

        def forward(self, inputs: Any) -> Any:
            return self.layers(inputs) * 2

    return Own(layers())


MODELS = {
    "exported": layers,
    "pickle": layers,
    "pickle of a frame's": layers,
    "own code": own_code,
    "TorchScript": lambda: torch.jit.script(layers()),
}
RUNS = {form: {"data/model.pt2" if form == "exported" else "data/model.pth"} for form in MODELS}


def ask(model: Any, data: Any) -> Any:
    with torch.no_grad():
        return model(torch.tensor(np.asarray(data))).numpy()
