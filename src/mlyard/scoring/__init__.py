"""The scoring server: one model over HTTP."""
