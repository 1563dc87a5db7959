"""Downloads one file over HTTP, with limits on its size and on the time without an answer."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin, urlsplit

import urllib3

from mlyard.core.errors import DoesNotExist, InvalidParameter, MlyardError, PermissionDenied, TemporarilyUnavailable
from mlyard.core.version import __version__
from mlyard.projects.address import Credentials
from mlyard.transport.connections import environment_authorities, open_pool, proxy_of

MAX_BYTES = 1024**3
_REDIRECTS = 5
_PIECE = 1024 * 1024
_TIMEOUT = urllib3.Timeout(connect=30, read=60)


def download(url: str, target: Path, shown: str, credentials: Credentials | None = None) -> None:
    """Download a file. Redirects are followed, but never from https to http, and the first host alone gets credentials.

    Raises DoesNotExist, PermissionDenied, TemporarilyUnavailable, InvalidParameter. No message contains the URL, which
    may be secret: only ``shown``.
    """
    try:
        answer = _answer(url, shown, credentials)
        try:
            _save(answer, target, shown)
        finally:
            answer.release_conn()
    except urllib3.exceptions.HTTPError as error:
        raise TemporarilyUnavailable(
            f"The project {shown!r} cannot be downloaded: {type(error).__name__}. Is the address right?"
        ) from None


def _answer(url: str, shown: str, credentials: Credentials | None) -> urllib3.BaseHTTPResponse:
    headers = _headers(credentials)
    for _ in range(_REDIRECTS):
        pool = open_pool(proxy_of(url), retries=False, timeout=_TIMEOUT, **environment_authorities())
        answer = pool.request("GET", url, headers=headers, preload_content=False, redirect=False)
        location = answer.get_redirect_location()
        if not location:
            if answer.status != 200:
                raise _refusal(answer.status, shown)
            return answer
        answer.release_conn()
        following = urljoin(url, location)
        if urlsplit(following).scheme not in {"https", urlsplit(url).scheme}:
            raise InvalidParameter(f"The project {shown!r} is refused: its server leads to an address without https.")
        if urlsplit(following)[:2] != urlsplit(url)[:2]:
            headers = _headers(None)
        url = following
    raise InvalidParameter(f"The project {shown!r} cannot be downloaded: its server redirects too often.")


def _headers(credentials: Credentials | None) -> dict[str, str]:
    agent = {"User-Agent": f"mlyard-python/{__version__}"}
    if credentials is None:
        return agent
    pair = f"{credentials.user}:{credentials.password or ''}"
    return {**agent, **urllib3.make_headers(basic_auth=pair)}


def _refusal(status: int, shown: str) -> MlyardError:
    if status in {401, 403}:
        return PermissionDenied(f"The project {shown!r} cannot be downloaded with your rights: status {status}.")
    if status in {404, 410}:
        return DoesNotExist(f"There is no project at {shown!r}: status {status}.")
    return TemporarilyUnavailable(f"The project {shown!r} cannot be downloaded: its server answers {status}.")


def _save(answer: urllib3.BaseHTTPResponse, target: Path, shown: str) -> None:
    left = MAX_BYTES
    with target.open("xb") as file:
        for piece in answer.stream(_PIECE):
            left -= len(piece)
            if left < 0:
                raise InvalidParameter(f"The project {shown!r} is larger than {MAX_BYTES >> 30} GiB.")
            file.write(piece)
