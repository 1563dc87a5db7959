"""The search language: text to comparisons and orders, for every entity."""
