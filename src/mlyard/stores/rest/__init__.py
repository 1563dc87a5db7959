"""The ports over HTTP."""
