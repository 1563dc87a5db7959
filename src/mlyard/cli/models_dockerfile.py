"""``mlyard models generate-dockerfile``."""

from __future__ import annotations

from pathlib import Path

import click

from mlyard.cli.model_options import image_options


@click.command("generate-dockerfile")
@image_options
@click.option(
    "-d", "--output-directory", type=click.Path(path_type=Path), default="mlyard-dockerfile", show_default=True,
    metavar="FOLDER", help="New or empty folder for the Dockerfile and the files that it copies.",
)  # fmt: skip
def command(
    model_uri: str | None,
    output_directory: Path,
    base_image: str | None,
    workers: int,
    env_manager: str | None,
    install_mlflow: bool,
) -> None:
    """Write the Dockerfile of an image that serves a model on port 8080 as an unprivileged user.

    Without a model, the image serves the one mounted at /opt/ml/model.
    """
    from mlyard.envs.images import Image
    from mlyard.models.environment import write_image

    image = Image(base=base_image, env_manager=env_manager, workers=workers)
    file = write_image(model_uri, output_directory, image, with_mlflow=install_mlflow)
    click.echo(str(file))
