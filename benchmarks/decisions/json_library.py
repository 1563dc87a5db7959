"""ADR 0002: decoding and checking a log-batch, encoding a page of 1,000 runs."""

from __future__ import annotations

import json
import math

import msgspec
import orjson
import pydantic
from measure import import_ms, interleaved, rate, table


class Metric(msgspec.Struct):
    key: str
    value: float | str
    timestamp: int
    step: int = 0


class Tag(msgspec.Struct):
    key: str
    value: str


class Batch(msgspec.Struct):
    run_id: str
    metrics: list[Metric] = []
    params: list[Tag] = []


class PMetric(pydantic.BaseModel):
    key: str
    value: float | str
    timestamp: int
    step: int = 0


class PTag(pydantic.BaseModel):
    key: str
    value: str


class PBatch(pydantic.BaseModel):
    run_id: str
    metrics: list[PMetric] = []
    params: list[PTag] = []


class Run(msgspec.Struct):
    run_id: str
    metrics: list[Metric]
    params: list[Tag]
    tags: list[Tag]


BATCH = json.dumps(
    {
        "run_id": "0" * 32,
        "metrics": [{"key": f"m{n}", "value": n / 3, "timestamp": 1_700_000_000_000, "step": n} for n in range(100)],
        "params": [{"key": f"p{n}", "value": str(n)} for n in range(10)],
    }
).encode()
METRICS = [Metric(f"m{n}", n / 3, 1_700_000_000_000, n) for n in range(10)]
TAGS = [Tag(f"p{n}", str(n)) for n in range(10)]
RUNS = [Run("0" * 32, METRICS, TAGS, TAGS[:5]) for _ in range(1000)]
PLAIN = msgspec.to_builtins(RUNS)


def main() -> None:
    decoder = msgspec.json.Decoder(Batch, strict=False)
    decode = {
        "msgspec, checked": lambda: rate(lambda: decoder.decode(BATCH)),
        "orjson, unchecked": lambda: rate(lambda: orjson.loads(BATCH)),
        "json, unchecked": lambda: rate(lambda: json.loads(BATCH)),
        "pydantic, checked": lambda: rate(lambda: PBatch.model_validate_json(BATCH)),
    }
    table("decode a batch of 100 metrics and 10 params", interleaved(decode), "1/s")
    encode = {
        "msgspec, structs": lambda: rate(lambda: msgspec.json.encode(RUNS)),
        "orjson, dictionaries": lambda: rate(lambda: orjson.dumps(PLAIN)),
        "json, dictionaries": lambda: rate(lambda: json.dumps(PLAIN)),
    }
    table("encode 1,000 runs of 10 metrics, 10 params, 5 tags", interleaved(encode), "1/s")
    table("import", {name: import_ms(name) for name in ("msgspec", "orjson", "json", "pydantic")}, "ms")
    print("\nNaN:", msgspec.json.encode(math.nan), orjson.dumps(math.nan), json.dumps(math.nan))
    print("int64 as text:", msgspec.convert({"key": "m", "value": "NaN", "timestamp": "5"}, Metric, strict=False))


if __name__ == "__main__":
    main()
