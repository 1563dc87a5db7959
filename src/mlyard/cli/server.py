"""``mlyard server`` and ``mlyard ui``."""

from __future__ import annotations

import click

from mlyard.core import settings


@click.command("server")
@click.option(
    "--backend-store-uri",
    metavar="URI",
    help="Database: sqlite:///file or postgresql://user:password@host/name. [default: sqlite:///mlyard.db]",
)
@click.option(
    "--read-replica-uri",
    metavar="URI",
    help="Streaming replica of the database, for reads: postgresql://user:password@host/name. [default: none]",
)
@click.option("--registry-store-uri", metavar="URI", help="Database of registered models. [default: the backend store]")
@click.option("-w", "--workers", type=click.IntRange(1), help="Number of server processes. [default: 1]")
@click.option(
    "--default-artifact-root",
    metavar="URI",
    help="Artifact root of new experiments. [default: mlflow-artifacts:/, through this server]",
)
@click.option(
    "--artifacts-destination",
    metavar="URI",
    help="Folder or s3://bucket/… where this server keeps artifacts. [default: ./mlartifacts]",
)
@click.option(
    "--serve-artifacts/--no-serve-artifacts",
    default=None,
    help="Whether clients access artifacts through this server, or directly. [default: through this server]",
)
@click.option("--artifacts-only", is_flag=True, default=None, help="Serve artifacts only.")
@click.option("-h", "--host", metavar="HOST", help="Address to listen on. [default: 127.0.0.1]")
@click.option(
    "-p", "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0: any free port. [default: 5000]"
)
@click.option("--allowed-hosts", metavar="NAMES", help="Comma-separated host names that requests may use; '*': all.")
@click.option(
    "--cors-allowed-origins", metavar="ORIGINS", help="Comma-separated web origins that may send requests; '*': all."
)
def command(
    backend_store_uri: str | None,
    read_replica_uri: str | None,
    registry_store_uri: str | None,
    workers: int | None,
    default_artifact_root: str | None,
    artifacts_destination: str | None,
    serve_artifacts: bool | None,
    artifacts_only: bool | None,
    host: str | None,
    port: int | None,
    allowed_hosts: str | None,
    cors_allowed_origins: str | None,
) -> None:
    """Start the tracking server: REST API, artifact proxy and web UI.

    Without options, all data is kept in the current folder: the database in mlyard.db, the artifacts in
    mlartifacts. Stop it with Ctrl-C.
    """
    from mlyard.server.run import ServerOptions, serve
    from mlyard.server.security import Policy

    hosts = _names(allowed_hosts) if allowed_hosts else settings.ALLOWED_HOSTS.get()
    origins = _names(cors_allowed_origins) if cors_allowed_origins else settings.CORS_ALLOWED_ORIGINS.get()
    status = serve(
        ServerOptions(
            backend_store_uri or settings.BACKEND_STORE_URI.get() or settings.DEFAULT_STORE_URI,
            artifacts_destination or settings.ARTIFACTS_DESTINATION.get(),
            default_artifact_root or settings.DEFAULT_ARTIFACT_ROOT.get() or "",
            host or settings.HOST.get(),
            settings.PORT.get() if port is None else port,
            Policy(hosts, origins),
            registry_store_uri or settings.REGISTRY_STORE_URI.get() or "",
            workers or settings.WORKERS.get(),
            settings.SERVE_ARTIFACTS.get() if serve_artifacts is None else serve_artifacts,
            settings.ARTIFACTS_ONLY.get() if artifacts_only is None else artifacts_only,
            read_replica_uri or settings.READ_REPLICA_URI.get() or "",
        )
    )
    if status:
        raise SystemExit(status)


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
