"""``mlyard.onnx``: the ONNX flavor under the name that scripts use."""

from mlyard.flavors.onnx import *
