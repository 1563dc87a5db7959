"""The Python API: the client class and the fluent functions over it."""
