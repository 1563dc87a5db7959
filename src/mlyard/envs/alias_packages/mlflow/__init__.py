"""``import mlflow`` is mlyard here. ``mlyard alias remove`` ends that."""

from mlyard.models.mlflow_alias import take_over

take_over()
