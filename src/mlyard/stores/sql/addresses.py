"""Addresses of databases. One of PostgreSQL may name several hosts: a primary, and replicas that may be promoted."""

from __future__ import annotations

import re

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need

SQLITE, POSTGRESQL = "sqlite", "postgresql"

_SEVERAL = re.compile(
    r"(?P<before>[^/]+://(?:[^/@]*@)?)(?P<hosts>[^/@?]*,[^/@?]*)(?P<path>/[^?]*)?(?:\?(?P<query>.*))?"
)
_PLACE = re.compile(r"\[?(?P<name>[^\[\]]*?)\]?(?::(?P<port>[0-9]*))?")


def database_url(uri: str, role: str = "read-write") -> URL:
    """The address of a database, with our own driver. Raises InvalidParameter.

    ``role``: which of several hosts is used, unless the address says that.
    """
    try:
        url = make_url(one_host(uri, role))
    except ArgumentError:
        raise InvalidParameter("The store's address must be a database URL, such as sqlite:///mlyard.db") from None
    backend = "postgresql" if url.get_backend_name() == "postgres" else url.get_backend_name()
    if backend == POSTGRESQL:
        need("psycopg", "postgresql")
        # The address may name another driver; mlyard always uses its own.
        return url.set(drivername="postgresql+psycopg")
    if backend != SQLITE:
        raise InvalidParameter(
            f"The store {url.render_as_string()!r} is not supported: "
            "use sqlite:///path/to/mlyard.db or postgresql://user:password@host/database"
        )
    return url


def replica_url(url: URL, uri: str) -> URL:
    """The address of a replica of the database at ``url``. Raises InvalidParameter."""
    if url.get_backend_name() != POSTGRESQL:
        raise InvalidParameter("Only a database in PostgreSQL can have a read replica: leave --read-replica-uri away.")
    replica = database_url(uri, "prefer-standby")
    if replica.get_backend_name() != POSTGRESQL:
        raise InvalidParameter("The read replica must be a database in PostgreSQL: postgresql://user@host/name")
    return replica


def one_host(uri: str, role: str = "read-write") -> str:
    """The same address in the way in which SQLAlchemy takes several hosts: lists in the query.

    ``role``: which of them is used, unless the address says that; by default the one that takes writes.
    """
    found = _SEVERAL.fullmatch(uri)
    if found is None:
        return uri
    before, hosts, path, query = found.group("before", "hosts", "path", "query")
    options = [query] if query else []
    if "target_session_attrs=" not in (query or ""):
        options.append(f"target_session_attrs={role}")
    places = [_PLACE.fullmatch(host) for host in hosts.split(",")]
    if None in places:
        return uri
    names, ports = (",".join(place[part] or "" for place in places if place) for part in ("name", "port"))
    return f"{before}{path or '/'}?{'&'.join([f'host={names}', f'port={ports}', *options])}"
