"""Runs servers: listening sockets, an ASGI application until a signal stops it, and several processes."""
