"""The store in memory: for tests, and as the simplest implementation of the ports."""
