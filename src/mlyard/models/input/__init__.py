"""A model's input: whatever came, held to the signature."""
