"""``mlyard.onnx``: the ONNX flavor under MLflow's import path."""

from mlyard.flavors.onnx import *  # noqa: F403
from mlyard.flavors.onnx import __all__  # noqa: F401
