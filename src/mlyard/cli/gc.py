"""``mlyard gc``."""

from __future__ import annotations

import sys
from itertools import chain

import click

from mlyard.core import settings
from mlyard.core.clock import now_ms
from mlyard.core.errors import InvalidParameter


@click.command("gc")
@click.option(
    "--older-than",
    default="0s",
    metavar="AGE",
    help="Remove only what was deleted at least this long ago, such as 30d.",
)
@click.option("--run-ids", default="", metavar="IDS", help="Remove only these deleted runs (comma-separated).")
@click.option(
    "--experiment-ids",
    default="",
    metavar="IDS",
    help="Remove only these deleted experiments, with everything in them.",
)
@click.option("--logged-model-ids", default="", metavar="IDS", help="Remove only these deleted logged models.")
@click.option("--backend-store-uri", metavar="URI", help="The database. [default: sqlite:///mlyard.db]")
@click.option(
    "--tracking-uri",
    metavar="URI",
    help="The database, under MLflow's name for this option. A server's address is refused.",
)
@click.option(
    "--artifacts-destination",
    metavar="URI",
    help="Folder or URI where the server keeps artifacts. [default: ./mlartifacts]",
)
@click.option(
    "--unfinished-older-than",
    default="1d",
    show_default=True,
    metavar="AGE",
    help="Also remove the parts of interrupted uploads that began at least this long ago.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be removed, without removing it.")
def command(
    older_than: str,
    run_ids: str,
    experiment_ids: str,
    logged_model_ids: str,
    backend_store_uri: str | None,
    tracking_uri: str | None,
    artifacts_destination: str | None,
    unfinished_older_than: str,
    dry_run: bool,
) -> None:
    """Permanently remove deleted runs, experiments and logged models: their rows and their artifacts.

    Parts of interrupted uploads are removed too, if their path shows that they belong to a run or a model.

    The command can be stopped at any time and started again. Anything that cannot be removed is kept and reported
    with the reason; the exit status is then 1.
    """
    from mlyard.services.artifact_access import ArtifactAccess
    from mlyard.services.gc import Collector, age_ms
    from mlyard.stores.sql import migrations
    from mlyard.stores.sql.database import Database
    from mlyard.stores.sql.trash import SqlTrash

    uri = backend_store_uri or tracking_uri or settings.BACKEND_STORE_URI.get() or settings.DEFAULT_STORE_URI
    if uri.startswith("http"):
        raise InvalidParameter(
            f"gc needs direct access to the database, and {uri!r} is a server: pass --backend-store-uri."
        )
    before = now_ms() - age_ms(older_than)
    unfinished_before = now_ms() - age_ms(unfinished_older_than)
    access = ArtifactAccess(artifacts_destination or settings.ARTIFACTS_DESTINATION.get())
    database = Database(uri)
    try:
        if migrations.current(database) != migrations.HEAD:
            raise InvalidParameter(
                "The database's schema is not the one that this mlyard needs. Run: mlyard db upgrade"
            )
        collector = Collector(SqlTrash(database), access.home, dry_run=dry_run)
        names = [_split(ids) for ids in (run_ids, logged_model_ids, experiment_ids)]
        sweeping = () if any(names) else collector.sweep(unfinished_before, access.proxied)
        for done in chain(collector.collect(before, *names), sweeping):
            if not done.startswith("kept"):
                click.echo(f"{'would remove' if dry_run else 'removed'} {done}")
    finally:
        database.close()
    report = collector.report
    for what, why in report.kept.items():
        click.echo(f"kept {what}: {why}", err=True)
    removed = ((kind, len(ids)) for kind, ids in report.removed.items() if ids)
    counts = ", ".join(f"{count} {kind}{'s' if count != 1 else ''}" for kind, count in removed)
    verb = "Would remove" if dry_run else "Removed"
    click.echo(f"{verb} {counts or 'nothing'}: {report.files} files, {report.size / 1e6:.1f} MB.")
    if report.kept:
        sys.exit(1)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
