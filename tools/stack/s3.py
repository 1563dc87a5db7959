"""An S3 server, SeaweedFS, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import urllib3

START_SECONDS = 120.0
KEYS = {"AWS_ACCESS_KEY_ID": "minioadmin", "AWS_SECRET_ACCESS_KEY": "minioadmin"}
BUCKET = "mlflow"
PORTS = ("s3.port", "master.port", "volume.port", "filer.port", "webdav.port", "admin.port")
SIBLING = 10_000  # SeaweedFS listens for gRPC this far above each of its ports


def program() -> str | None:
    """The path of SeaweedFS, first of the one that is installed in this environment."""
    return shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


def start(weed: str, folder: Path, ports: Mapping[str, int], **options: Any) -> subprocess.Popen[bytes]:
    """Start it on 127.0.0.1; ``ports`` has a port for each of PORTS. The options are Popen's."""
    command = [
        *(weed, "mini", f"-dir={folder}", f"-bucket={BUCKET}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
        *(f"-{name}={port}" for name, port in ports.items()),
        *("-admin.ui=false", "-s3.port.iceberg=0"),
    ]
    with (folder / "weed.log").open("wb") as log:
        return subprocess.Popen(command, env={**os.environ, **KEYS}, stdout=log, stderr=log, cwd=folder, **options)


def client(url: str) -> Any:
    """Amazon's own client."""
    import botocore.session

    keys = {name.lower(): value for name, value in KEYS.items()}
    return botocore.session.Session().create_client("s3", endpoint_url=url, region_name="us-east-1", **keys)


def await_bucket(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    """Wait until the bucket is there. Raises RuntimeError with the end of the log if the server ends before."""
    pool = urllib3.PoolManager(retries=False, timeout=2)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            pool.request("GET", url)
            client(url).head_bucket(Bucket=BUCKET)
        except Exception:  # noqa: BLE001 - any error means: not yet
            with suppress(subprocess.TimeoutExpired):  # a pause, which leaves the server the processor
                process.wait(0.05)
        else:
            return
    raise RuntimeError(f"The S3 server does not answer:\n{(folder / 'weed.log').read_text('utf-8')[-2000:]}")


def remove_sockets(ports: Iterable[int]) -> None:
    """Remove the sockets that SeaweedFS leaves in /tmp, even when it ends by itself."""
    for port in ports:
        for number in (port, port + SIBLING):
            for socket in Path("/tmp").glob(f"seaweedfs-*-{number}.sock"):
                socket.unlink(missing_ok=True)
