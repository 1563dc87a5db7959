"""``mlyard.spark``: the Spark ML flavor under the name that scripts use."""

from mlyard.flavors.spark import *
