"""The grammar of URIs: what is printed or joined is parsed again, and two names never become one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.core.errors import InvalidParameter
from mlyard.domain import uris
from mlyard.domain.uris import Location, ModelUri, RunUri

ROOTS = [
    "mlflow-artifacts:/",
    "mlflow-artifacts:/0/run/artifacts",
    "mlflow-artifacts://host:5000/0",
    "s3://bucket",
    "s3://bucket/a%20b/",
    "gs://bucket/root",
    "abfss://container@account.dfs.core.windows.net/root",
    "file:///data/a%23b",
    "file:/data",
    "http://host:5000/prefix/api/2.0/mlflow-artifacts/artifacts/0",
    "/data",
    "/",
    "/data/a#b?c%20d",
]
# Names are made of what has a meaning in some URI, and of what does not.
steps = st.text(st.sampled_from("ab#?%2034@:+&=;,.~ ü'\"é\u0301/"), min_size=1, max_size=12)
plain_steps = steps.filter(lambda step: "/" not in step)


def is_path(path: str) -> bool:
    return all(step not in {"", ".", ".."} for step in path.split("/"))


paths = steps.filter(is_path)
hexadecimal = st.text(st.sampled_from("0123456789abcdef"), min_size=32, max_size=32)
run_uris = st.builds(RunUri, hexadecimal, st.just("") | paths)
model_ids = hexadecimal.map(lambda text: f"m-{text}")
aliases = st.text(st.sampled_from("abc_-1"), min_size=1)
names = plain_steps.filter(lambda name: ":" not in name and name.strip() not in {"", ".", ".."})
versions = st.integers(1, 10**6).map(str)
stages = st.sampled_from(["Production", "latest", "None"])
model_uris = (
    st.builds(ModelUri, model_id=model_ids, path=st.just("") | paths)
    | st.builds(ModelUri, name=names, version=versions, path=st.just("") | paths)
    | st.builds(ModelUri, name=names, stage=stages, path=st.just("") | paths)
    | st.builds(ModelUri, name=names, alias=aliases)
)


@given(run_uris)
def test_the_uri_of_a_run_is_parsed_as_it_was_printed(uri: RunUri) -> None:
    assert uris.is_run_uri(str(uri))
    assert uris.parse_run_uri(str(uri)) == uri


@given(model_uris)
def test_the_uri_of_a_model_is_parsed_as_it_was_printed(uri: ModelUri) -> None:
    assert uris.is_model_uri(str(uri))
    assert uris.parse_model_uri(str(uri)) == uri


@given(st.sampled_from(ROOTS), paths)
def test_what_is_joined_is_found_below_its_root(root: str, path: str) -> None:
    if not uris.can_join(root, path):
        with pytest.raises(InvalidParameter, match="choose another name"):
            uris.join(root, path)
        return
    joined, above = uris.parse_location(uris.join(root, path)), uris.parse_location(root)
    assert (joined.scheme, joined.authority, joined.rest) == (above.scheme, above.authority, "")
    assert joined.path == f"{above.path.rstrip('/')}/{path}"
    assert uris.path_below(uris.join(root, path), root) == path
    assert uris.path_below(root, root) == ""


@given(st.sampled_from(ROOTS), paths, paths)
def test_two_names_are_two_places(root: str, one: str, other: str) -> None:
    if one != other and uris.can_join(root, one) and uris.can_join(root, other):
        assert uris.parse_location(uris.join(root, one)) != uris.parse_location(uris.join(root, other))


@given(st.sampled_from(ROOTS), paths)
def test_a_file_is_found_in_the_folder_above_it(root: str, path: str) -> None:
    if uris.can_join(root, path):
        folder, _, name = path.rpartition("/")
        above = uris.join(root, folder) if folder else root.rstrip("/")
        assert uris.parent_and_name(uris.join(root, path)) == (above, name)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("/data/a#b?c%20d", Location("", "", "/data/a#b?c%20d")),
        ("data/a:b", Location("", "", "data/a:b")),
        ("C:/data", Location("", "", "C:/data")),
        ("file:///data/a%20b", Location("file", "", "/data/a b")),
        ("file:/data", Location("file", "", "/data")),
        ("file://host/data", Location("file", "host", "/data")),
        ("S3://bucket/a%20b", Location("s3", "bucket", "/a%20b")),
        ("s3://bucket", Location("s3", "bucket", "")),
        ("s3://bucket/a#b", Location("s3", "bucket", "/a", "#b")),
        ("s3://bucket#b", Location("s3", "bucket", "", "#b")),
        ("mlflow-artifacts:/0/a%23b", Location("mlflow-artifacts", "", "/0/a#b")),
        ("mlflow-artifacts:/0/a?b#c", Location("mlflow-artifacts", "", "/0/a", "?b#c")),
        ("mlflow-artifacts://host:1/0", Location("mlflow-artifacts", "host:1", "/0")),
        ("http://host/a%20b", Location("http", "host", "/a b")),
        ("dbfs:/models/a", Location("dbfs", "", "/models/a")),
    ],
)
def test_stored_uris_mean_what_they_meant(uri: str, expected: Location) -> None:
    assert uris.parse_location(uri) == expected


@pytest.mark.parametrize(
    "uri", ["s3://bucket/a#b", "file:///a?b", "mlflow-artifacts:/a#b", "mlflow-artifacts:/a%20b", "C:/a"]
)
def test_a_location_that_would_mean_another_place_is_refused(uri: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid artifact location"):
        uris.new_location(uri)


@pytest.mark.parametrize("uri", ["", "/a#b", "/a%20b", "s3://bucket/a%20b", "file:///a%20b", "mlflow-artifacts:/a b"])
def test_a_location_stays_as_it_is(uri: str) -> None:
    assert uris.new_location(uri) == uri


@pytest.mark.parametrize("uri", ["runs", "./runs", "file:runs"])
def test_a_relative_location_is_in_the_current_folder(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert uris.new_location(uri) == str(tmp_path / "runs")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m-" + "0123456789abcdef" * 2, True),
        ("m-" + "0123456789ABCDEF" * 2, False),
        ("m-" + "0" * 31, False),
        ("m-" + "0" * 33, False),
        ("m-" + "g" * 32, False),
        ("m-classifier", False),
        ("m-" + "0" * 32 + "\n", False),
    ],
)
def test_the_id_of_a_logged_model(text: str, expected: bool) -> None:
    assert uris.is_model_id(text) is expected


@pytest.mark.parametrize(
    "uri", ["models:/", "models:/x", "models:/@a", "models:/x@", "models:", "model:/x/1", "runs:/x", "models:///"]
)
def test_what_names_no_model_is_refused(uri: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid model URI"):
        uris.parse_model_uri(uri)


@pytest.mark.parametrize("uri", ["runs:/", "runs:", "models:/x/1", "run:/x"])
def test_what_names_no_run_is_refused(uri: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid URI"):
        uris.parse_run_uri(uri)
