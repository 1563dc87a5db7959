"""Logged models: creation, status, tags, params, metrics, searches."""

from steps import Step, delete, get, patch, post

NAMES = "models.*.info.name"
GRAVE = "metrics.`m x`"


def create(name: str, saved: str, **more: object) -> Step:
    return post("logged-models", {"experiment_id": "$e", "name": name, **more}, save={saved: "model.info.model_id"})


def metric(model: str, key: str, value: object, **more: object) -> Step:
    return post(
        "runs/log-metric", {"run_id": "$r", "key": key, "value": value, "timestamp": 5, "model_id": model, **more}
    )


def found(filter_string: str = "", **more: object) -> Step:
    fields = {"experiment_ids": ["$e"], **({"filter": filter_string} if filter_string else {}), **more}
    return post("logged-models/search", fields, pick=NAMES)


def ordered(field: str, **more: object) -> Step:
    return found(order_by=[{"field_name": field, **more}])


MADE = [
    post("experiments/create", {"name": "e"}, save={"e": "experiment_id"}),
    post("experiments/create", {"name": "o"}, save={"o": "experiment_id"}),
    post("runs/create", {"experiment_id": "$e", "run_name": "r", "start_time": 1}, save={"r": "run.info.run_id"}),
    create("one", "m1"),
    create(
        "two",
        "m2",
        model_type="agent",
        source_run_id="$r",
        params=[{"key": "p", "value": "1"}, {"key": "q", "value": ""}],
        tags=[{"key": "t", "value": "x"}, {"key": "e", "value": ""}],
    ),
    create("three", "m3", params=[{"key": "p", "value": "10"}], tags=[{"key": "t", "value": "y"}]),
    post("logged-models", {"experiment_id": "$e"}, note="a made-up name", save={"m4": "model.info.model_id"}),
    delete("logged-models/$m4"),
    get("logged-models/$m4"),
    delete("logged-models/$m4", note="again"),
    create("one", "m5"),
    post("logged-models", {"experiment_id": "$o", "name": "of other"}, save={"m6": "model.info.model_id"}),
    post("logged-models", {"name": "x"}),
    post("logged-models", {"experiment_id": "987654", "name": "x"}),
    post("logged-models", {"experiment_id": "$e", "name": "a/b"}),
    post("logged-models", {"experiment_id": "$e", "name": "a:b"}),
    post("logged-models", {"experiment_id": "$e", "name": 5}),
    get("logged-models/$m2"),
    get("logged-models/m-none"),
    patch("logged-models/$m1", {"model_id": "$m1", "status": "LOGGED_MODEL_READY"}),
    patch("logged-models/$m2", {"model_id": "$m2", "status": 3}),
    patch("logged-models/$m3", {"model_id": "$m3", "status": "LOGGED_MODEL_PENDING"}),
    patch("logged-models/$m1", {"status": "NOTHING"}),
    patch("logged-models/$m1", {}),
    patch("logged-models/m-none", {"model_id": "m-none", "status": "LOGGED_MODEL_READY"}),
    patch("logged-models/$m1/tags", {"tags": [{"key": "t", "value": "x"}, {"key": "n", "value": ""}]}),
    patch("logged-models/$m1/tags", {"tags": [{"key": "t", "value": "z"}]}),
    patch("logged-models/$m1/tags", {"tags": []}),
    patch("logged-models/m-none/tags", {"tags": [{"key": "t", "value": "z"}]}),
    delete("logged-models/$m1/tags/n"),
    delete("logged-models/$m1/tags/n", note="again"),
    delete("logged-models/m-none/tags/n"),
    post("logged-models/$m1/params", {"model_id": "$m1", "params": [{"key": "late", "value": "1"}]}),
    post("logged-models/$m1/params", {"model_id": "$m1", "params": [{"key": "late", "value": "1"}]}, note="again"),
    post("logged-models/m-none/params", {"model_id": "m-none", "params": [{"key": "late", "value": "1"}]}),
    get("logged-models/$m1"),
]

METRICS = [
    metric("$m1", "m", 1),
    metric("$m1", "m", 2, step=1),
    metric("$m2", "m", 5, dataset_name="iris", dataset_digest="d1"),
    metric("$m3", "m", 3, dataset_name="wine", dataset_digest="d2"),
    metric("$m3", "m x", -1),
    metric("m-none", "m", 1),
    post(
        "runs/log-batch",
        {"run_id": "$r", "metrics": [{"key": "b", "value": 7, "timestamp": 1, "step": 2, "model_id": "$m2"}]},
    ),
    get("logged-models/$m1", pick="model.data"),
    get("logged-models/$m2", pick="model.data"),
    get("runs/get", {"run_id": "$r"}, pick="run.data.metrics"),
    get("metrics/get-history", {"run_id": "$r", "metric_key": "m"}),
]

SEARCHES = [
    post(
        "logged-models/search",
        {"experiment_ids": ["$e"], "max_results": 2},
        note="whole answers",
        save={"t": "next_page_token"},
    ),
    found(page_token="$t", max_results=2),
    found(),
    found(experiment_ids=["$e", "$o"]),
    found(experiment_ids=["987654"]),
    post("logged-models/search", {"experiment_ids": []}),
    post("logged-models/search", {}),
    found(max_results=0),
    found(max_results=-1),
    found(max_results=1000),
    found(max_results=1001),
    found(max_results="x"),
    found(page_token="junk"),
    found("name = 'one'"),
    found("name != 'one'"),
    found("name LIKE 't%'"),
    found("name ILIKE 'T%'"),
    found("name IN ('one', 'two')"),
    found("name NOT IN ('one')"),
    found("attributes.name = 'one'"),
    found("attribute.name = 'one'"),
    found("model_id = '$m2'"),
    found("model_type = 'agent'"),
    found("status = 'READY'"),
    found("status = 'LOGGED_MODEL_READY'"),
    found("status != 'READY'"),
    found("source_run_id = '$r'"),
    found("source_run_id != '$r'"),
    found("name IN ('one',)"),
    found("name NOT IN ('one',)"),
    found("creation_timestamp > 0"),
    found("creation_time > 0"),
    found("last_updated_timestamp > 0"),
    found("creation_timestamp_ms > 0"),
    found("tags.t = 'x'"),
    found("tags.t != 'x'"),
    found("tags.t LIKE '%'"),
    found("params.p = '1'"),
    found("params.p != '1'"),
    found("params.p LIKE '1%'"),
    found("params.q = ''"),
    found("metrics.m > 2"),
    found("metrics.m = 2"),
    found("metrics.m != 2"),
    found("metrics.m = '2'"),
    found(GRAVE + " < 0"),
    found("metrics.none > 0"),
    found("metrics.m > 1 AND tags.t = 'y'"),
    found("metrics.m > 1 OR tags.t = 'y'"),
    found("nothing = 'x'"),
    found("foo.bar = 'x'"),
    found("name > 'a'"),
    found("name"),
    found("name = one"),
    found("   "),
    found("metrics.m > 0", datasets=[{"dataset_name": "iris"}]),
    found("metrics.m > 0", datasets=[{"dataset_name": "iris", "dataset_digest": "d9"}]),
    found(datasets=[{"dataset_name": "wine", "dataset_digest": "d2"}]),
    found(datasets=[{"dataset_digest": "d2"}]),
    found(datasets=[]),
    ordered("name"),
    ordered("name", ascending=False),
    ordered("creation_timestamp"),
    ordered("creation_time", ascending=False),
    ordered("last_updated_timestamp"),
    ordered("metrics.m"),
    ordered("metrics.m", ascending=False),
    ordered("metrics.m", dataset_name="iris"),
    ordered("metrics.m", dataset_name="wine", dataset_digest="d2"),
    ordered("metrics.m", dataset_digest="d2"),
    ordered("attributes.name"),
    ordered("status"),
    ordered("model_type"),
    ordered("params.p"),
    ordered("tags.t"),
    ordered("nothing"),
    ordered(""),
    found(order_by=[{"ascending": True}]),
    found(order_by=["name"]),
    found(order_by=[{"field_name": "name"}, {"field_name": "creation_timestamp"}]),
    found(order_by=[]),
]

STEPS = MADE + METRICS + SEARCHES
