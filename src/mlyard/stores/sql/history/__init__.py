"""The history of metrics: points are logged to a run's tail, and folded into chunks of packed columns."""
