"""The flavors: one file per library, which saves, loads and calls its models."""
