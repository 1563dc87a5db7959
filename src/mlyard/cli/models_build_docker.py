"""``mlyard models build-docker``."""

from __future__ import annotations

import click

from mlyard.cli.model_options import image_options


@click.command("build-docker")
@image_options
@click.option("-n", "--name", default="mlyard-pyfunc-servable", show_default=True, help="Name of the image.")
def command(
    model_uri: str | None,
    name: str,
    base_image: str | None,
    workers: int,
    env_manager: str | None,
    install_mlflow: bool,
) -> None:
    """Build an image that serves a model on port 8080, with docker or podman.

    Run it with: docker run -p 5001:8080 NAME. Without a model, the image serves the one mounted at /opt/ml/model.
    """
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from mlyard.envs.images import Image, build, build_command
    from mlyard.models.environment import write_image

    image = Image(base=base_image, env_manager=env_manager, workers=workers)
    build_command(Path(), name)  # fails early if docker and podman are missing, before the model is fetched
    with TemporaryDirectory(prefix="mlyard-") as temporary:
        folder = Path(temporary)
        write_image(model_uri, folder, image, with_mlflow=install_mlflow)
        build(folder, name)
    click.echo(f"Built {name}. Run it: docker run -p 5001:8080 {name}")
