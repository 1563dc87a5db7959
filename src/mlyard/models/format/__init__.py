"""The format: a model's folder, and what each of its files says."""
