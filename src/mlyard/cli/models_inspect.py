"""``mlyard models inspect``."""

from __future__ import annotations

import json

import click


@click.command("inspect")
@click.option("-m", "--model-uri", required=True, metavar="URI", help="Model to inspect: any model URI, or a folder.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of the files, each with the reason.")
def command(model_uri: str, as_json: bool) -> None:
    """Show a model's flavors, and which of its files run code when it is loaded. The model itself is not loaded."""
    from mlyard.models.format.folder import ModelFolder
    from mlyard.models.info import inspect_model
    from mlyard.models.load import fetch

    folder = fetch(model_uri)
    found = inspect_model(folder)
    if as_json:
        click.echo(json.dumps([{"file": each.file, "why": each.why} for each in found], indent=2))
        return
    model = ModelFolder(folder).mlmodel
    click.echo(f"Model {model.model_id or model.model_uuid or ''} of {model.utc_time_created or 'an unknown time'}")
    click.echo(f"Flavors: {', '.join(sorted(model.flavors))}")
    if not found:
        click.echo("None of its files runs code when the model is loaded.")
        return
    click.echo("These files run code when the model is loaded (MLYARD_ALLOW_PICKLE=0 refuses them):")
    width = max(len(each.file) for each in found)
    for each in found:
        click.echo(f"  {each.file:{width}}  {each.why}")
