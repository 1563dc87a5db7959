"""Environments and images of models: what they need, and how they are created."""
