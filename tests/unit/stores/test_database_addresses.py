"""Addresses of several hosts reach the driver as libpq takes them."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from mlyard.stores.sql.addresses import one_host


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("postgresql://u:p@a:1,b:2/d", {"host": "a,b", "port": "1,2", "target_session_attrs": "read-write"}),
        ("postgresql://a,b/d", {"host": "a,b", "port": ",", "target_session_attrs": "read-write"}),
        (
            "postgresql+psycopg2://u:p%40q@a,b:2/d?sslmode=require&target_session_attrs=any",
            {"host": "a,b", "port": ",2", "sslmode": "require", "target_session_attrs": "any"},
        ),
        ("postgresql://[::1]:1,[::2]/d", {"host": "::1,::2", "port": "1,", "target_session_attrs": "read-write"}),
    ],
)
def test_several_hosts(uri: str, expected: dict[str, str]) -> None:
    url = make_url(one_host(uri)).set(drivername="postgresql+psycopg")
    arguments = url.get_dialect()().create_connect_args(url)[1]
    assert {name: arguments[name] for name in expected} == expected
    assert (arguments["dbname"], arguments.get("password")) == ("d", make_url(one_host(uri)).password)


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://u:p@h:1/d",
        "postgresql://u:a,b@h/d",
        "postgresql:///d?host=a,b",
        "postgresql://h/d?options=-csearch_path%3Da,b",
        "sqlite:///a,b/c.db",
        "sqlite:////x/a,b.db",
    ],
)
def test_other_addresses_stay_as_they_are(uri: str) -> None:
    assert one_host(uri) == uri
