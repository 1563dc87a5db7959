"""ADR 0005: S3 clients, against the S3 server at the address that is the argument."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import boto3
import minio
import obstore
from measure import import_ms, interleaved, table
from obstore.store import S3Store

ENDPOINT, KEY, SECRET, BUCKET = sys.argv[1], "demo", "demodemo", "mlflow"
SMALL, BIG, COUNT = b"x" * 10_000, b"y" * (256 << 20), 200


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    new = S3Store(
        BUCKET,
        endpoint=ENDPOINT,
        access_key_id=KEY,
        secret_access_key=SECRET,
        region="us-east-1",
        client_options={"allow_http": True},
    )
    boto = boto3.client(
        "s3", endpoint_url=ENDPOINT, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1"
    )
    mini = minio.Minio(ENDPOINT.removeprefix("http://"), access_key=KEY, secret_key=SECRET, secure=False)

    def many(put: Callable[[str], object]) -> float:
        with ThreadPoolExecutor(16) as pool:
            return timed(lambda: list(pool.map(put, (f"s{n}" for n in range(COUNT)))))

    small = {
        "obstore": lambda: many(lambda name: obstore.put(new, name, SMALL)),
        "boto3": lambda: many(lambda name: boto.put_object(Bucket=BUCKET, Key=name, Body=SMALL)),
        "minio": lambda: many(lambda name: mini.put_object(BUCKET, name, BytesIO(SMALL), len(SMALL))),
    }
    big = {
        "obstore": lambda: timed(lambda: obstore.put(new, "big", BIG)),
        "boto3": lambda: timed(lambda: boto.upload_fileobj(BytesIO(BIG), BUCKET, "big")),
        "minio": lambda: timed(lambda: mini.put_object(BUCKET, "big", BytesIO(BIG), len(BIG))),
    }
    down = {
        "obstore": lambda: timed(lambda: sum(len(chunk) for chunk in obstore.get(new, "big").stream())),
        "boto3": lambda: timed(lambda: boto.download_fileobj(BUCKET, "big", BytesIO())),
        "minio": lambda: timed(lambda: mini.get_object(BUCKET, "big").read()),
    }
    table(f"upload of {COUNT} files of 10 kB from 16 threads", interleaved(small, 3), "s")
    table("upload of 256 MB", interleaved(big, 3), "s")
    table("download of 256 MB", interleaved(down, 3), "s")
    table("import", {name: import_ms(name) for name in ("obstore.store", "boto3", "minio")}, "ms")


if __name__ == "__main__":
    main()
