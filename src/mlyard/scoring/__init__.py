"""The scoring server, which serves one model over HTTP."""
