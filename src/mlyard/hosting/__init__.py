"""What runs a server: sockets, an ASGI application until a signal ends it, and several processes."""
