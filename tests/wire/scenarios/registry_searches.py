"""Searches of the registry: lists and patterns, orders and their ties, pages, limits of tags, stages."""

from steps import Step, delete, get, patch, post

RUNS = [digit * 32 for digit in "abc"]
MODELS = "registered_models.*.name"
VERSIONS = ["model_versions.*.name", "model_versions.*.version"]
WORDS = ("red", "blue", "Blue", "bluer")


def models(filter_string: str = "", **more: object) -> Step:
    return get("registered-models/search", {"filter": filter_string, **more}, pick=MODELS)


def versions(filter_string: str = "", **more: object) -> Step:
    return get("model-versions/search", {"filter": filter_string, **more}, pick=VERSIONS)


def model(name: str, **tags: str) -> Step:
    return post("registered-models/create", {"name": name, "tags": [{"key": k, "value": v} for k, v in tags.items()]})


def version(name: str, place: str, run: str, **tags: str) -> Step:
    pairs = [{"key": key, "value": value} for key, value in tags.items()]
    return post("model-versions/create", {"name": name, "source": f"s3://b/{place}", "run_id": run, "tags": pairs})


def stage(number: int, to: str, archive: bool = False) -> Step:
    fields = {"name": "ship red", "version": str(number), "stage": to, "archive_existing_versions": archive}
    return post("model-versions/transition-stage", fields)


MADE = [
    *(model(f"ship {word}", colour=word, kind="ship") for word in WORDS),
    model("SHIP", Colour="red", kind="boat"),
    model("100%_done"),
    version("ship red", "x/a", RUNS[0], t="abc", u="xyz"),
    version("ship red", "x/b", RUNS[1], t="abc", u="x123"),
    version("ship red", "x/b", RUNS[1]),
    version("ship blue", "x/d", RUNS[2], t="Abc"),
    version("ship bluer", "X/a", RUNS[0].upper()),
    version("SHIP", "x/a", ""),
]

FILTERS = [
    *(models(f"name {operator} '{text}'") for operator in ("LIKE", "ILIKE") for text in (
        "ship%", "SHIP%", "%blue", "%Blue%", "_hip%", "ship blue", "%", "", "nothing%", "100%_done", "100!%%", "%\\_%",
    )),
    models("name iLike '%BLUE%'"),
    models("name='ship red'"),
    models("  name  =  'ship red'  "),
    models("name = \"ship red\""),
    models("`name` = 'ship red'"),
    models("attributes.name = 'ship red'"),
    models("name != 'ship red' AND name != 'SHIP'"),
    models("name!=something"),
    models("name = 'ship red"),
    models("run_id = 'x'"),
    models("source_path = 'x'"),
    models("evil = true"),
    models("tags.colour = 'blue'"),
    models("tags.`colour` = 'blue'"),
    models('tags."colour" = \'blue\''),
    models("tag.colour ILIKE 'BLUE%'"),
    models("tags.colour LIKE 'blue%' AND tags.kind = 'ship'"),
    models("tags.colour != 'blue' AND tags.colour LIKE 'b%'"),
    models("tags.Colour = 'red'"),
    models("tags.colour != 'blue'"),
    models("tags.none != 'x'"),
    models("tags.colour IN ('red')"),
    models("params.colour = 'red'"),
    versions("version_number = 2"),
    versions("version_number <= 2"),
    versions("version_number != 1"),
    versions("version_number = '2'"),
    versions("version_number LIKE '1'"),
    *(versions(f"run_id {rest}") for rest in (
        f"= '{RUNS[0]}'", f"!= '{RUNS[0]}'", f"LIKE '{RUNS[1][:9]}%'", f"ILIKE '{RUNS[1][:9].upper()}%'",
        f"IN ('{RUNS[0]}','{RUNS[1]}')", f"IN ( '{RUNS[0]}' , '{RUNS[1]}' )", f"in ('{RUNS[0]}')", "IN ('none')",
        "IN (1, 2)", "IN (", "IN", "IN (,)", "IN ('x',,'y')", "IN ('x',)", "IN 'x'", "IN ('x' 'y')", "= ''",
    )),
    versions("name IN ('ship red', 'SHIP')"),
    versions("name LIKE"),
    versions("name LIKE 'ship%' AND run_id IN ('${b*32}')"),
    versions("source_path = 's3://b/x/a'"),
    versions("source_path = 's3://b/x'"),
    versions("source_path ILIKE 's3://b/x/%'"),
    versions("source_path != 's3://b/x/a'"),
    versions("source_path = ''"),
    versions("name = 'ship red' and tag.u = 'xyz'"),
    versions("name = 'none' and tag.u = 'xyz'"),
    versions("tag.`u` = 'xyz'"),
    versions("tag.u != 'xy'"),
    versions("tag.u like 'x%' and tag.u != 'xyz'"),
    versions("tag.U = 'xyz'"),
    versions("tags.t ILIKE 'ABC' AND tags.u LIKE 'x%'"),
    versions("tags.t IN ('abc')"),
]  # fmt: skip

ORDERS = [
    *(models(order_by=[order]) for order in (
        "name DESC", "name   desc", "name\tASC", "name\r\rASC", "name\nASC", " name", "`name`", "attribute.name",
        "timestamp", "timestamp  deSc", "last_updated_timestamp DESC", "name DESC blah", "", "tags.colour ASC", "name,",
    )),
    models(order_by=["timestamp ASC", "name DESC"]),
    models(order_by=["last_updated_timestamp", "last_updated_timestamp"]),
    models(order_by=["timestamp", "last_updated_timestamp DESC"]),
    models(order_by=["name", "name"]),
    models(order_by=["name ASC", "creation_timestamp DESC"]),
    *(versions(order_by=[order]) for order in (
        "name", "name DESC", "version_number", "version_number DESC", "creation_timestamp DESC",
        "last_updated_timestamp ASC", "last_updated_timestamp", "run_id DESC", "source_path", "version", "tags.t",
        "name DESC blah", "timestamp",
    )),
    versions(order_by=["name ASC", "run_id DESC"]),
    versions(order_by=["name", "version_number DESC"]),
    versions(order_by=["name", "name"]),
    get("registered-models/search", {"max_results": 2}, pick=MODELS, save={"t": "next_page_token"}),
    models(max_results=3, page_token="$t"),
    get("model-versions/search", {"max_results": 4, "order_by": "name"}, pick=VERSIONS, save={"u": "next_page_token"}),
    versions(max_results=4, order_by=["name"], page_token="$u"),
    models(page_token="evil"),
    versions(page_token="evil"),
    versions(max_results=200001),
    versions(max_results=10_000_000_000),
    versions(max_results=-1),
    versions(max_results=0),
]  # fmt: skip

LIMITS = [
    post("registered-models/set-tag", {"name": "SHIP", "key": "k", "value": "${a*5001}"}),
    post("registered-models/set-tag", {"name": "SHIP", "key": "k", "value": "${a*4999}"}),
    post("registered-models/set-tag", {"name": "SHIP", "key": "k", "value": "${a*100001}"}),
    post("model-versions/set-tag", {"name": "SHIP", "version": "1", "key": "k", "value": "${a*5001}"}),
    post("model-versions/set-tag", {"name": "SHIP", "version": "1", "key": "k", "value": "${a*100001}"}),
    post("model-versions/set-tag", {"name": "SHIP", "version": "one", "key": "k", "value": "v"}),
    post("registered-models/set-tag", {"name": "", "key": "k", "value": "v"}),
    post("registered-models/set-tag", {"name": "SHIP", "key": "", "value": "v"}),
    delete("registered-models/delete-tag", {"name": "SHIP", "key": ""}),
    delete("model-versions/delete-tag", {"name": "SHIP", "version": "one", "key": "k"}),
    delete("model-versions/delete-tag", {"name": "", "version": "1", "key": "k"}),
    post("registered-models/create", {"name": "${n*256}"}),
    post("registered-models/create", {"name": "long", "description": "${d*5001}"}),
    patch("registered-models/update", {"name": "long", "description": "${d*6000}"}),
    patch("model-versions/update", {"name": "SHIP", "version": "1", "description": "${d*6000}"}),
    post("registered-models/create", {"name": " "}),
    post("registered-models/create", {"name": " spaced "}),
    post("registered-models/rename", {"name": "SHIP", "new_name": None}),
]

MOVED = [
    *(stage(1, to) for to in ("STAGING", "StAgInG", "unknown", "")),
    stage(2, "Production"),
    stage(3, "staging", archive=True),
    stage(3, "Production", archive=True),
    stage(3, "Archived", archive=True),
    stage(3, "None", archive=True),
    post("registered-models/get-latest-versions", {"name": "ship red"}),
    delete("model-versions/delete", {"name": "ship red", "version": "3"}),
    post(
        "registered-models/get-latest-versions",
        {"name": "ship red", "stages": ["pROduction", "archived"]},
        pick="model_versions.*.version",
    ),
    versions("name = 'ship red'"),
    versions("source_path = 's3://b/x/b'"),
    get("model-versions/get-download-uri", {"name": "ship red", "version": "3"}),
    post("registered-models/rename", {"name": "ship red", "new_name": "ship green"}),
    versions("name LIKE 'ship%'"),
    versions("name = 'ship red'"),
    post("registered-models/create", {"name": "ship red"}),
    post("registered-models/rename", {"name": "ship green", "new_name": "ship red"}),
    delete("registered-models/delete", {"name": "ship green"}),
    versions(),
    models(),
    get("model-versions/get", {"name": "ship green", "version": "1"}),
]

STEPS = MADE + FILTERS + ORDERS + LIMITS + MOVED
