"""The search language for filters and orders, the same for every kind of entity."""
