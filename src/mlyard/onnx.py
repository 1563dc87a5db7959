"""``mlyard.onnx``: the ONNX flavor under the name that scripts use."""

from mlyard.flavors.onnx import *  # noqa: F403
from mlyard.flavors.onnx import __all__  # noqa: F401
