"""Connections to HTTP servers: through the proxies and with the certificates that the environment names.

The variables and their precedence are those of the library requests, which MLflow's client uses.
"""

from __future__ import annotations

import ipaddress
import os
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def proxy_of(url: str) -> str | None:
    """The address of the proxy for a URL, from HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; None without one.

    Raises InvalidParameter for a proxy of another kind.
    """
    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or not parts.hostname or _is_direct(parts.netloc.rpartition("@")[2], parts.hostname, proxies):
        return None
    address = proxy if "://" in proxy else f"http://{proxy}"
    _check_proxy(address)
    return address


def _check_proxy(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidParameter(
            f"The environment names a proxy with the scheme {parts.scheme!r}, which is not supported: set HTTP_PROXY "
            "and HTTPS_PROXY to an address such as http://proxy.example:3128, or list the server in NO_PROXY."
        )


def _is_direct(netloc: str, host: str, proxies: dict[str, str]) -> bool:
    """Whether NO_PROXY lists a host: by name, by a domain that it ends in, or by a network such as 10.0.0.0/8."""
    if urllib.request.proxy_bypass(netloc):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in map(_network, proxies.get("no", "").split(",")) if network)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def open_pool(proxy: str | None, **options: Any) -> urllib3.PoolManager:
    """A pool of connections with urllib3's options, through a proxy if there is one."""
    if proxy is None:
        return urllib3.PoolManager(**options)
    parts = urlsplit(proxy)
    user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    headers = urllib3.make_headers(proxy_basic_auth=user) if parts.username else None
    return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)


def tls_options(*, is_tracking: bool) -> dict[str, Any]:
    """urllib3's options for TLS, from the settings. Raises InvalidParameter.

    Other servers than the tracking server do not get the client's certificate, and must show one of their own.
    """
    options: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED"}
    authority, client = settings.TRACKING_SERVER_CERT_PATH.get(), settings.TRACKING_CLIENT_CERT_PATH.get()
    if client and is_tracking:
        options["cert_file"] = _existing("MLYARD_TRACKING_CLIENT_CERT_PATH", client)
    if settings.TRACKING_INSECURE_TLS.get() and is_tracking:
        if authority:
            raise InvalidParameter(
                "MLYARD_TRACKING_INSECURE_TLS and MLYARD_TRACKING_SERVER_CERT_PATH contradict each other: set one of "
                "them only."
            )
        return {**options, "cert_reqs": "CERT_NONE"}
    if authority:
        return {**options, **_authorities("MLYARD_TRACKING_SERVER_CERT_PATH", authority)}
    return {**options, **environment_authorities()}


def environment_authorities() -> dict[str, str]:
    """urllib3's option for the certificate authorities that the environment names. Raises InvalidParameter."""
    named = next((name for name in _BUNDLES if os.environ.get(name)), None)
    return _authorities(named, os.environ[named]) if named else {}


def _authorities(variable: str, path: str) -> dict[str, str]:
    return {"ca_cert_dir" if Path(path).is_dir() else "ca_certs": _existing(variable, path)}


def _existing(variable: str, path: str) -> str:
    if not Path(path).exists():
        raise InvalidParameter(f"{variable} is {path!r}, which does not exist: set it to a PEM file.")
    return path
