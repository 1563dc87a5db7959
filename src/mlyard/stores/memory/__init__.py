"""The store in memory: for tests, and as the plainest reading of what a store must do."""
