"""Metrics: single points, batches, the latest one, histories."""

from steps import Step, get, post

BULK = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
INTERVAL = "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
POINTS = ["metrics.*.step", "metrics.*.value"]


def log(key: str, value: object, timestamp: object, step: object = 0, **options: object) -> Step:
    body = {"run_id": "$r1", "key": key, "value": value, "timestamp": timestamp, "step": step}
    return post("runs/log-metric", body, **options)


SINGLE = [
    post("runs/create", {"experiment_id": "0", "run_name": "one", "start_time": 1}, save={"r1": "run.info.run_id"}),
    post("runs/create", {"experiment_id": "0", "run_name": "two", "start_time": 2}, save={"r2": "run.info.run_id"}),
    post("runs/log-metric", {"run_id": "$r1", "key": "m", "value": 1.5, "timestamp": 100}, note="no step"),
    log("m", 2, 200, 1),
    log("m", 3, 300, 1, note="the same step, later"),
    log("m", 2.5, 300, 1, note="the same step and time, less"),
    log("m", 9, 50, 0, note="an earlier step"),
    log("m", 9, 50, 0, note="the same point again"),
    log("m", -1, 400, -5, note="a step below 0"),
    get("runs/get", {"run_id": "$r1"}, pick="run.data"),
    get("metrics/get-history", {"run_id": "$r1", "metric_key": "m"}),
    get("metrics/get-history", {"run_uuid": "$r1", "metric_key": "m"}, pick=POINTS),
    log("nan", "NaN", 1),
    log("inf", "Infinity", 1),
    log("ninf", "-Infinity", 1),
    log("text", "1.5", "20", "3", note="numbers as strings"),
    log("big", 1e300, 1),
    log("whole", 2**53 + 1, 9007199254740993, 9007199254740993),
    log("small", 5e-324, 1),
    log("zero", -0.0, 0, 0),
    log("exp", "1e3", 1),
    post("runs/log-metric", {"run_uuid": "$r1", "key": "by uuid", "value": 1, "timestamp": 1}),
    log("a/b c.d-e_f:g", 1, 1),
    log("${k*250}", 1, 1),
    get("runs/get", {"run_id": "$r1"}, pick="run.data.metrics"),
    get("metrics/get-history", {"run_id": "$r1", "metric_key": "nan"}),
    get("metrics/get-history", {"run_id": "$r1", "metric_key": "inf"}),
    log("n", "NaN", 5, 1),
    log("n", 3, 5, 1, note="NaN against a number"),
    get("runs/get", {"run_id": "$r1"}, pick="run.data.metrics"),
]

REFUSED = [
    log("${k*251}", 1, 1),
    log("x", "abc", 1),
    log("x", None, 1),
    log("x", True, 1),
    log("x", 1, "abc"),
    log("x", 1, None),
    log("x", 1, 1.5),
    log("x", 1, 1, "abc"),
    log("x", 1, 1, 1.5),
    log("x", [1], 1),
    log("x", 1, 2**63),
    log("x,y", 1, 1),
    log("../x", 1, 1),
    log("", 1, 1),
    post("runs/log-metric", {"run_id": "$r1", "key": "x", "timestamp": 1}, note="no value"),
    post("runs/log-metric", {"run_id": "$r1", "key": "x", "value": 1}, note="no time"),
    post("runs/log-metric", {"run_id": "$r1", "value": 1, "timestamp": 1}, note="no key"),
    post("runs/log-metric", {"key": "x", "value": 1, "timestamp": 1}, note="no run"),
    post(
        "runs/log-metric",
        {"run_id": "none", "key": "x", "value": 1, "timestamp": 1},
        message="Run with id=none not found",
    ),
    get("metrics/get-history", {"run_id": "$r1", "metric_key": "unknown"}),
    get("metrics/get-history", {"run_id": "none", "metric_key": "m"}),
    get("metrics/get-history", {"run_id": "$r1"}),
    get("metrics/get-history", {"metric_key": "m"}),
    get("metrics/get-history", {"run_id": "$r1", "metric_key": ""}),
]

BATCHES = [
    post(
        "runs/log-batch", {"run_id": "$r2", "metrics": {"$each": 1000, "of": {"key": "k#", "value": 1, "timestamp": 5}}}
    ),
    post(
        "runs/log-batch", {"run_id": "$r2", "metrics": {"$each": 1001, "of": {"key": "k#", "value": 1, "timestamp": 5}}}
    ),
    post("runs/log-batch", {"run_id": "$r2", "params": {"$each": 100, "of": {"key": "p#", "value": "v#"}}}),
    post("runs/log-batch", {"run_id": "$r2", "params": {"$each": 101, "of": {"key": "q#", "value": "v#"}}}),
    post("runs/log-batch", {"run_id": "$r2", "tags": {"$each": 100, "of": {"key": "t#", "value": "v#"}}}),
    post("runs/log-batch", {"run_id": "$r2", "tags": {"$each": 101, "of": {"key": "u#", "value": "v#"}}}),
    post(
        "runs/log-batch",
        {
            "run_id": "$r2",
            "metrics": {"$each": 950, "of": {"key": "k#", "value": 1, "timestamp": 5}},
            "params": {"$each": 51, "of": {"key": "p#", "value": "v#"}},
        },
        note="1001 in all",
    ),
    post("runs/create", {"experiment_id": "0", "run_name": "three", "start_time": 3}, save={"r3": "run.info.run_id"}),
    post("runs/log-batch", {"run_id": "$r3"}, note="nothing"),
    post("runs/log-batch", {"run_id": "$r3", "metrics": [], "params": [], "tags": []}),
    post(
        "runs/log-batch",
        {
            "run_id": "$r3",
            "metrics": [
                {"key": "m", "value": 1, "timestamp": 1, "step": 0},
                {"key": "m", "value": 1, "timestamp": 1, "step": 0},
                {"key": "m", "value": "NaN", "timestamp": "2", "step": "1"},
                {"key": "m", "value": 5, "timestamp": 3, "step": 0},
                {"key": "o", "value": 1e-3, "timestamp": 3},
            ],
            "params": [{"key": "p", "value": "1"}, {"key": "e", "value": ""}],
            "tags": [
                {"key": "t", "value": "1"},
                {"key": "t", "value": "2"},
                {"key": "mlflow.runName", "value": "by batch"},
            ],
        },
    ),
    get("runs/get", {"run_id": "$r3"}),
    get("metrics/get-history", {"run_id": "$r3", "metric_key": "m"}),
    post("runs/log-batch", {"run_id": "$r3", "params": [{"key": "p", "value": "1"}, {"key": "p", "value": "1"}]}),
    post("runs/log-batch", {"run_id": "$r3", "params": [{"key": "x", "value": "1"}, {"key": "x", "value": "2"}]}),
    post(
        "runs/log-batch",
        {"run_id": "$r3", "params": [{"key": "new", "value": "1"}, {"key": "p", "value": "2"}]},
        message="Changing param values is not allowed",
    ),
    post("runs/log-batch", {"run_id": "$r3", "metrics": [{"key": "abc", "value": "abc", "timestamp": 1}]}),
    post("runs/log-batch", {"run_id": "$r3", "metrics": [{"key": "m", "timestamp": 1}]}, message="exact"),
    post("runs/log-batch", {"run_id": "$r3", "metrics": [{"key": "m", "value": 1}]}, message="exact"),
    post("runs/log-batch", {"run_id": "$r3", "metrics": [{"value": 1, "timestamp": 1}]}, message="exact"),
    post("runs/log-batch", {"run_id": "$r3", "metrics": [{"key": "${k*251}", "value": 1, "timestamp": 1}]}),
    post("runs/log-batch", {"run_id": "$r3", "params": [{"value": "1"}]}, message="exact"),
    post("runs/log-batch", {"run_id": "$r3", "params": [{"key": "long", "value": "${v*6001}"}]}),
    post("runs/log-batch", {"run_id": "$r3", "tags": [{"value": "1"}]}, message="exact"),
    post("runs/log-batch", {"run_id": "$r3", "tags": [{"key": "long", "value": "${v*8001}"}]}),
    post("runs/log-batch", {"run_id": "$r3", "metrics": "x"}),
    post("runs/log-batch", {"run_id": "$r3", "metrics": {"key": "m"}}),
    post(
        "runs/log-batch", {"run_id": "none", "tags": [{"key": "t", "value": "1"}]}, message="Run with id=none not found"
    ),
    post("runs/log-batch", {"tags": [{"key": "t", "value": "1"}]}),
    get("runs/get", {"run_id": "$r3"}, pick=["run.info", "run.data.params", "run.data.tags"]),
]

HISTORIES = [
    post("runs/create", {"experiment_id": "0", "run_name": "four", "start_time": 4}, save={"r4": "run.info.run_id"}),
    post(
        "runs/log-batch",
        {"run_id": "$r4", "metrics": {"$each": 20, "of": {"key": "h", "value": "#", "timestamp": "10#", "step": "#"}}},
    ),
    post(
        "runs/log-batch",
        {"run_id": "$r3", "metrics": {"$each": 5, "of": {"key": "h", "value": "#", "timestamp": "10#", "step": "#"}}},
    ),
    get(
        "metrics/get-history",
        {"run_id": "$r4", "metric_key": "h", "max_results": 8},
        pick=POINTS,
        save={"t1": "next_page_token"},
    ),
    get(
        "metrics/get-history",
        {"run_id": "$r4", "metric_key": "h", "max_results": 8, "page_token": "$t1"},
        pick=POINTS,
        save={"t2": "next_page_token"},
    ),
    get(
        "metrics/get-history", {"run_id": "$r4", "metric_key": "h", "max_results": 8, "page_token": "$t2"}, pick=POINTS
    ),
    get("metrics/get-history", {"run_id": "$r4", "metric_key": "h", "max_results": 20}, pick=POINTS),
    get("metrics/get-history", {"run_id": "$r4", "metric_key": "h", "max_results": 25001}, pick=POINTS),
    get("metrics/get-history", {"run_id": "$r4", "metric_key": "h", "max_results": 0}, pick=POINTS),
    get("metrics/get-history", {"run_id": "$r4", "metric_key": "h", "max_results": -1}, pick=POINTS),
    get("metrics/get-history", {"run_id": "$r4", "metric_key": "h", "max_results": 5, "page_token": "junk"}),
    get("metrics/get-history", {"run_id": "$r4", "metric_key": "h", "max_results": "x"}),
    get(BULK, {"run_id": ["$r4"], "metric_key": "h", "max_results": 7}),
    get(BULK, {"run_id": ["$r3", "$r1", "$r3"], "metric_key": "m"}),
    get(BULK, {"run_id": ["$r4", "$r3"], "metric_key": "h"}),
    get(BULK, {"run_id": ["$r4"], "metric_key": "h"}, pick=POINTS),
    get(BULK, {"run_id": ["none", "$r3"], "metric_key": "h"}, pick=POINTS),
    get(BULK, {"run_id": ["$r4"], "metric_key": "unknown"}),
    get(BULK, {"metric_key": "h"}, message="exact"),
    get(BULK, {"run_id": ["$r4"]}, message="exact"),
    get(BULK, {"run_id": ["$r4"], "metric_key": "h", "max_results": 0}),
    get(BULK, {"run_id": ["$r4"], "metric_key": "h", "max_results": "x"}),
    get(BULK, {"run_id": {"$each": 101, "of": "run#"}, "metric_key": "h"}, message="exact"),
    get(INTERVAL, {"run_ids": ["$r4", "$r3"], "metric_key": "h", "start_step": 3, "end_step": 6, "max_results": 10}),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "h", "max_results": 5}, pick=POINTS),
    get(INTERVAL, {"run_ids": ["$r4", "$r3"], "metric_key": "h", "max_results": 4}),
    get(
        INTERVAL,
        {"run_ids": ["$r4"], "metric_key": "h", "max_results": 7, "start_step": 2, "end_step": 17},
        pick=POINTS,
    ),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "h", "max_results": 1}, pick=POINTS),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "h", "max_results": 2}, pick=POINTS),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "h"}, pick=POINTS),
    get(INTERVAL, {"run_ids": ["$r1"], "metric_key": "m"}),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "unknown"}),
    get(INTERVAL, {"run_ids": ["none"], "metric_key": "h"}),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "h", "start_step": 3}),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "h", "end_step": 3}),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "h", "start_step": 5, "end_step": 3}),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "h", "start_step": 5, "end_step": 5}, pick=POINTS),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "h", "max_results": 0}),
    get(INTERVAL, {"run_ids": ["$r4"], "metric_key": "h", "max_results": 2501}),
    get(INTERVAL, {"metric_key": "h"}, message="exact"),
    get(INTERVAL, {"run_ids": ["$r4"]}, message="exact"),
    get(
        INTERVAL,
        {"run_ids": {"$each": 101, "of": "run#"}, "metric_key": "h"},
        message="at most 100 run_ids. Received 101",
    ),
    get(
        "/api/2.11/mlflow/metrics/get-history-bulk-interval",
        {"run_ids": ["$r4"], "metric_key": "h", "max_results": 5},
        pick=POINTS,
    ),
]

STEPS = SINGLE + REFUSED + BATCHES + HISTORIES
