"""Addresses of PostgreSQL that name several hosts: a primary, and replicas that may be promoted."""

from __future__ import annotations

import re

_SEVERAL = re.compile(
    r"(?P<before>[^/]+://(?:[^/@]*@)?)(?P<hosts>[^/@?]*,[^/@?]*)(?P<path>/[^?]*)?(?:\?(?P<query>.*))?"
)
_PLACE = re.compile(r"\[?(?P<name>[^\[\]]*?)\]?(?::(?P<port>[0-9]*))?")


def one_host(uri: str) -> str:
    """The same address in the way in which SQLAlchemy takes several hosts: lists in the query.

    Unless the address says otherwise, the one of them that takes writes is used.
    """
    found = _SEVERAL.fullmatch(uri)
    if found is None:
        return uri
    before, hosts, path, query = found.group("before", "hosts", "path", "query")
    options = [query] if query else []
    if "target_session_attrs=" not in (query or ""):
        options.append("target_session_attrs=read-write")
    places = [_PLACE.fullmatch(host) for host in hosts.split(",")]
    if None in places:
        return uri
    names, ports = (",".join(place[part] or "" for place in places if place) for part in ("name", "port"))
    return f"{before}{path or '/'}?{'&'.join([f'host={names}', f'port={ports}', *options])}"
