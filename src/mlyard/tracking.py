"""``from mlyard.tracking import MlflowClient``, as scripts for MLflow write it."""

from mlyard.client.client import *
from mlyard.client.tracking import *
