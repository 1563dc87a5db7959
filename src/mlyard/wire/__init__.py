"""MLflow's REST format: routes, messages, errors."""
