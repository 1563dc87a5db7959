"""Serves the model of a URI, in this process or in the environment that the model needs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec import structs

from mlyard.envs.environment import LOCAL, run_in
from mlyard.models.environment import environment_of
from mlyard.scoring.server import model_folder, serve


class ServeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a scoring server; see ``server.serve``."""

    host: str = "127.0.0.1"
    port: int = 5000
    timeout: float = 60
    workers: int = 1
    batch: bool = True
    queue: int = 1000

    def arguments(self) -> list[str]:
        """The options as arguments of ``mlyard models serve``."""
        named = {"host": self.host, "port": self.port, "timeout": self.timeout, "workers": self.workers}
        pairs = [(f"--{name}", str(value)) for name, value in {**named, "queue": self.queue}.items()]
        return [part for pair in pairs for part in pair] + ["--batch" if self.batch else "--no-batch"]


def launch(model_uri: str, options: ServeOptions, env_manager: str | None = None, with_mlflow: bool = False) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status.

    ``env_manager``: see ``models.environment``. Raises InvalidParameter, DoesNotExist.
    """
    if env_manager == LOCAL:
        return _serve(model_uri, options)
    with TemporaryDirectory(prefix="mlyard-") as temporary:
        folder = model_folder(model_uri, Path(temporary)).absolute()
        environment = environment_of(folder, env_manager, with_mlflow=with_mlflow)
        if environment is None:
            return _serve(str(folder), options, model_uri)
        command = ["models", "serve", "--model-uri", str(folder), *options.arguments(), "--env-manager", LOCAL]
        if folder.is_relative_to(temporary):
            return environment.run(command)  # this process removes the copy at the end
    return run_in(environment, command)


def _serve(model: str, options: ServeOptions, known_as: str = "") -> int:
    return serve(model, **structs.asdict(options), known_as=known_as)
