"""A model's input: converted to the types of its signature, or refused."""
