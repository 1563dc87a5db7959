"""``from mlyard.tracking import MlflowClient``, as scripts for MLflow write it."""

from mlyard.client.client import *  # noqa: F403
from mlyard.client.tracking import *  # noqa: F403
