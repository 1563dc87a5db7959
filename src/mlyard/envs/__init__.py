"""Environments of models and projects, and images of models: what they need, and how they are created."""
