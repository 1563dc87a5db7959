"""Addresses of projects: what each form means, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlyard.core.errors import InvalidParameter
from mlyard.projects.address import Address, Credentials, check_version, parse_address

HEX = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("uri", "kind", "url", "subdirectory"),
    [
        (".", "folder", ".", ""),
        ("/data/project", "folder", "/data/project", ""),
        ("project#train", "folder", "project", "train"),
        ("a:b", "folder", "a:b", ""),
        ("https://host/u/r", "git", "https://host/u/r", ""),
        ("HTTPS://host/u/r.git#a/b", "git", "https://host/u/r.git", "a/b"),
        ("https://host:8443/u/r#a/", "git", "https://host:8443/u/r", "a"),
        ("http://127.0.0.1:80/r", "git", "http://127.0.0.1:80/r", ""),
        ("https://[::1]:80/r", "git", "https://[::1]:80/r", ""),
        ("https://host/a@b", "git", "https://host/a@b", ""),
        ("ssh://git@host:22/u/r", "git", "ssh://git@host:22/u/r", ""),
        ("ssh://host/u/r", "git", "ssh://host/u/r", ""),
        ("git@github.com:u/r.git#sub", "git", "git@github.com:u/r.git", "sub"),
        ("file:///srv/r#sub", "git", "file:///srv/r", "sub"),
        ("file://localhost/srv/r", "git", "file:///srv/r", ""),
        ("github.com/u/r", "git", "https://github.com/u/r", ""),
        ("gitlab.com/u/r#sub", "git", "https://gitlab.com/u/r", "sub"),
        ("project.zip", "zip", "project.zip", ""),
        ("project.ZIP#sub", "zip", "project.ZIP", "sub"),
        ("file:///srv/p.zip", "zip", "file:///srv/p.zip", ""),
        ("https://host/p.zip#sub", "zip", "https://host/p.zip", "sub"),
    ],
)
def test_each_form_has_its_meaning(uri: str, kind: str, url: str, subdirectory: str) -> None:
    found = parse_address(uri)
    assert (found.kind, found.url, found.subdirectory, found.credentials) == (kind, url, subdirectory, None)


@pytest.mark.parametrize("name", ["github.com/u", "git@host:r", "odd#name", "x.zip"])
def test_a_folder_that_exists_is_meant_before_anything_else(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    assert parse_address(name) == Address(kind="folder", url=name)


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("", "0 characters"),
        ("a\nb", "printable"),
        ("a\0b", "printable"),
        ("--upload-pack=touch pwned", "must not start with '-'"),
        ("ext::sh -c touch% pwned", "remote helpers are not allowed"),
        ("fd::17/foo", "remote helpers are not allowed"),
        ("EXT::sh", "remote helpers are not allowed"),
        ("git://host/r", "scheme 'git'"),
        ("ftp://host/r", "scheme 'ftp'"),
        ("ext://host/r", "scheme 'ext'"),
        ("https://-oProxyCommand=x/r", "invalid host"),
        ("ssh://-oProxyCommand=x/r", "invalid host"),
        ("ssh://-u@host/r", "must be of the form ssh://user@host"),
        ("ssh://u:p@host/r", "use a key"),
        ("https:///r", "invalid host"),
        ("https://host", "no path"),
        ("https://ho st/r", "invalid host"),
        ("https://$(touch pwned)/r", "invalid host"),
        ("https://host:99999999/r", "not a valid URL"),
        ("file://host/r", "file:///path"),
        ("file:///r?x", "file:///path"),
        ("https://host/r#../up", "below the project's root"),
        ("https://host/r#/abs", "below the project's root"),
        ("https://host/r#a/../b", "below the project's root"),
        ("https://host/r#a\\b", "below the project's root"),
        ("https://host/r#.git/hooks", "git's own"),
        ("project#..", "below the project's root"),
        ("#sub", "nothing before the '#'"),
    ],
)
def test_what_is_refused(uri: str, reason: str) -> None:
    with pytest.raises(InvalidParameter, match=reason.replace("$", r"\$")):
        parse_address(uri)


@pytest.mark.parametrize("uri", ["u@-oProxyCommand=x:r", "u@host:-r", "host:r", "u@:r"])
def test_what_only_looks_like_an_address_of_ssh_is_a_folder(uri: str) -> None:
    assert parse_address(uri).kind == "folder"


@pytest.mark.parametrize("version", ["main", "v1.0", "feature/new", "1a2b3c4", HEX, "straße", "a=b", "x,y"])
def test_versions(version: str) -> None:
    assert parse_address("https://host/r", version).version == version


@pytest.mark.parametrize(
    "version",
    ["", "-b", "--upload-pack=x", "a b", "a..b", "a^", "a~1", "a:b", "a*", "a?", "a[", "a\\b", "a@{1}", "/a", "a/",
     "a//b", ".a", "a.lock", "a.", "a\0", "a\n", "x" * 3000],
)  # fmt: skip
def test_versions_that_git_would_read_as_something_else_are_refused(version: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid version"):
        parse_address("https://host/r", version)


def test_a_version_of_a_folder_means_its_repository(tmp_path: Path) -> None:
    assert parse_address("a#sub", "main") == Address(
        kind="git", url=(tmp_path / "a").as_uri(), subdirectory="sub", version="main"
    )
    with pytest.raises(InvalidParameter, match="zip file, which has no versions"):
        parse_address("a.zip", "main")


def test_credentials_are_kept_apart() -> None:
    found = parse_address("https://alice:s%40crt@host/r?token=1#sub")
    assert found.credentials == Credentials("alice", "s@crt")
    assert found.query == "token=1"
    assert found.shown == "https://host/r#sub"
    assert parse_address("https://alice@host/r").credentials == Credentials("alice")


SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "uri",
    ["https://a:{}@host", "ssh://a:{}@host/r", "https://a:{}/x@host/r", "ftp://a:{}@h/r", "https://h:x/r?t={}",
     "git://h/r?t={}", "https://a:{}@host/r#../x", "file://a:{}@host/r", "-://a:{}@h/r", "https://a:{}@-x/r"],
)  # fmt: skip
def test_no_message_has_a_password(uri: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        parse_address(uri.format(SECRET))
    assert SECRET not in refused.value.message


TEXT = st.text(
    st.sampled_from("abcXYZ019-._~:/?#[]@!$&'()*+,;=% \\\"`{}|<>^\t\n\0é") | st.characters(exclude_categories=["Cs"]),
    max_size=40,
)
SCHEMES = st.sampled_from(["", "https://", "http://", "ssh://", "file://", "git@", "ext::", "-", "github.com/"])


@given(st.builds("".join, st.tuples(SCHEMES, TEXT)), st.none() | TEXT)
def test_every_text_is_an_address_or_is_refused(text: str, version: str | None) -> None:
    """No text can be an option, a program or another place than the address shows; credentials are not in it."""
    try:
        found = parse_address(text, version)
    except InvalidParameter:
        return
    assert not found.url.startswith("-")
    assert "::" not in found.url.partition("/")[0] or found.kind == "folder"
    assert found.url.isprintable()
    assert ".." not in found.subdirectory.split("/")
    assert not found.subdirectory.startswith("/")
    if found.kind == "git":
        assert found.url.startswith(("https://", "http://", "ssh://", "file:///")) or "@" in found.url
        assert parse_address(found.shown, version) == Address(
            kind="git", url=found.url, subdirectory=found.subdirectory, version=version
        )
    if version is not None:
        check_version(version)


@given(st.text(st.sampled_from("abc:@%[]/?#"), min_size=1, max_size=12))
def test_no_password_is_shown(password: str) -> None:
    assume(not set(password) & set("/?#"))  # these end the host's part of a URL, so the rest is a path
    assert "s3cr3t" not in shown(f"https://alice:s3cr3t{password}@host/r")


def shown(uri: str) -> str:
    """What a user sees of an address: itself, or why it is refused."""
    try:
        return parse_address(uri).shown
    except InvalidParameter as refused:
        return refused.message
