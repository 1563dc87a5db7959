"""Starting and stopping a scoring server."""

from __future__ import annotations

from mlyard.core.lazy import need
from mlyard.core.log import logger
from mlyard.core.network import listen, serve_until_signal

_log = logger("serving")


def serve(model_uri: str, host: str = "127.0.0.1", port: int = 5000, timeout: float = 60) -> None:
    """Serve a model until SIGTERM or SIGINT, which finish what is in flight.

    Raises InvalidParameter when the port is taken, DoesNotExist when there is no such model.
    """
    need("starlette", "server")
    need("pandas", "models")
    from mlyard.models.pyfunc import load_model
    from mlyard.serving.app import create_app

    listener = listen(host, port)
    app = create_app(load_model(model_uri), timeout)
    _log.info("Serving %s on http://%s:%d", model_uri, host, listener.getsockname()[1])
    serve_until_signal(app, listener)
