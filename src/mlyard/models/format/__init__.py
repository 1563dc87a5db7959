"""The format of a model's folder and of each file in it."""
