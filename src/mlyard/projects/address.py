"""The address of a project: a folder, a git repository or a zip file, perhaps with a folder in it.

Parsing only decides what an address means; nothing is read or fetched. Addresses and versions that a tool could take
for an option, a command or a path outside the project are refused here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.core.secrets import MASK

Kind = Literal["folder", "git", "zip"]
FOLDER: Literal["folder"] = "folder"
GIT: Literal["git"] = "git"
ZIP: Literal["zip"] = "zip"
_HOSTS = ("github.com", "gitlab.com", "bitbucket.org")
_SCHEMES = ("https", "http", "ssh", "file")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HELPER = re.compile(r"[A-Za-z0-9]+::")  # git would run the program git-remote-<name>
_SSH = re.compile(r"(?P<user>[A-Za-z0-9_][\w.-]*)@(?P<host>[A-Za-z0-9][\w.-]*):(?P<path>[^-].*)")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_USER = re.compile(r"[A-Za-z0-9_][\w.-]*")
# What git itself forbids in the names of branches and tags, and what would be an option.
_NOT_IN_VERSIONS = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/$|\.lock$|^[-/.]|\.$")
_LONGEST = 2000


class Credentials(msgspec.Struct, frozen=True):
    """The user and the password that an address contains."""

    user: str
    password: str | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({MASK})"


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a project is.

    ``url`` is the folder, or the URL of the repository or zip file without credentials; it may be shown and logged.
    ``subdirectory`` is the project's folder in it, and ``version`` a branch, a tag or a commit.
    """

    kind: Kind
    url: str
    subdirectory: str = ""
    version: str | None = None
    credentials: Credentials | None = None
    query: str = ""

    @property
    def shown(self) -> str:
        """The address for people and for tags: without credentials and query."""
        return f"{self.url}#{self.subdirectory}" if self.subdirectory else self.url


def parse_address(uri: str, version: str | None = None) -> Address:
    """The address that a text means. Raises InvalidParameter; no message contains a password."""
    _check_text(uri)
    found = _local(uri) or _remote(uri)
    if version is None:
        return found
    check_version(version)
    if found.kind == ZIP:
        raise InvalidParameter(f"The project {found.shown!r} is a zip file, which has no versions: omit --version.")
    if found.kind == FOLDER:
        place = Path(found.url).resolve()
        found = msgspec.structs.replace(found, kind=GIT, url=place.as_uri())
    return msgspec.structs.replace(found, version=version)


def check_version(version: str) -> None:
    """Raise InvalidParameter unless a text can be a branch, a tag or a commit."""
    if not version or len(version) > _LONGEST or _NOT_IN_VERSIONS.search(version):
        raise InvalidParameter(f"Invalid version {version[:100]!r}: use a branch, a tag or a commit.")


def _check_text(uri: str) -> None:
    if not uri or len(uri) > _LONGEST or not uri.isprintable():
        raise InvalidParameter(
            f"Invalid project address of {len(uri)} characters: use printable text of 1 to {_LONGEST} characters."
        )
    if uri.startswith("-"):
        raise InvalidParameter(f"Invalid project address {_without_user(uri)!r}: it must not start with '-'.")
    if _HELPER.match(uri):
        raise InvalidParameter(
            f"Invalid project address {uri.partition('::')[0] + '::…'!r}: git's remote helpers are not allowed; use "
            "an https://, ssh:// or file:// address."
        )


def _local(uri: str) -> Address | None:
    """A folder or a zip file on this machine, if the text does not mean another place."""
    if _SCHEME.match(uri) or (_SSH.fullmatch(uri) and not Path(uri).exists()):
        return None
    path, hash_sign, subdirectory = uri.rpartition("#") if "#" in uri and not Path(uri).exists() else (uri, "", "")
    if path.partition("/")[0] in _HOSTS and not Path(path).exists():
        return None
    if not path:
        raise InvalidParameter(f"The project address {uri!r} has nothing before the '#': write folder#subdirectory.")
    kind: Kind = ZIP if path.lower().endswith(".zip") and not Path(path).is_dir() else FOLDER
    return Address(kind=kind, url=path, subdirectory=_subdirectory(subdirectory) if hash_sign else "")


def _remote(uri: str) -> Address:
    if _SCHEME.match(uri):
        return _url(uri)
    base, _, subdirectory = uri.partition("#")
    if _SSH.fullmatch(base):
        return Address(kind=GIT, url=base, subdirectory=_subdirectory(subdirectory))
    return _url(f"https://{uri}")


def _url(uri: str) -> Address:
    base, _, subdirectory = uri.partition("#")
    parts = _split(base)
    scheme = parts.scheme.lower()
    if scheme not in _SCHEMES:
        raise InvalidParameter(
            f"The project address {_without_user(uri)!r} has the scheme {scheme!r}: use {', '.join(_SCHEMES)}, "
            "git@host:path or a folder."
        )
    host, credentials = (_file_host(parts), None) if scheme == "file" else (_host(parts), _credentials(parts))
    if not parts.path.strip("/"):
        raise InvalidParameter(f"The project address {_without_user(uri)!r} has no path after the host.")
    user = f"{credentials.user}@" if credentials and scheme == "ssh" else ""
    url = urlunsplit((scheme, f"{user}{host}", parts.path, "", ""))
    kind: Kind = ZIP if parts.path.lower().endswith(".zip") and scheme != "ssh" else GIT
    return Address(
        kind=kind,
        url=url,
        subdirectory=_subdirectory(subdirectory),
        credentials=None if scheme == "ssh" else credentials,
        query=parts.query,
    )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise InvalidParameter(f"The project address {_without_user(url)!r} is not a valid URL.") from None
    return parts


def _host(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    name = host.rpartition(":")[0] if parts.port is not None else host.rstrip(":")
    if not _HOST.fullmatch(name):
        raise InvalidParameter(f"The project address has the invalid host {name!r}.")
    return host.rstrip(":")


def _file_host(parts: SplitResult) -> str:
    if parts.netloc not in {"", "localhost"} or parts.query:
        raise InvalidParameter(
            f"Invalid project address {_without_user(parts.geturl())!r}: write file:///path, with an absolute path."
        )
    return ""


def _credentials(parts: SplitResult) -> Credentials | None:
    if "@" not in parts.netloc:
        return None
    user, password = unquote(parts.username or ""), parts.password
    if parts.scheme.lower() == "ssh" and (password is not None or not _USER.fullmatch(user)):
        raise InvalidParameter(
            f"The project address {_without_user(parts.geturl())!r} must be of the form ssh://user@host/path, without "
            "a password: use a key."
        )
    return Credentials(user, None if password is None else unquote(password))


def _subdirectory(text: str) -> str:
    path = text.strip("/")
    steps = path.split("/")
    if text.startswith("/") or "\\" in text or any(step in {"", ".", ".."} for step in steps if path):
        raise InvalidParameter(
            f"Invalid folder {text[:100]!r} after the '#' of the project address: use a path below the project's root."
        )
    if ".git" in (step.lower() for step in steps):
        raise InvalidParameter(f"Invalid folder {text[:100]!r} after the '#' of the project address: it is git's own.")
    return path


def _without_user(uri: str) -> str:
    """A text for messages, without what may be a user and a password, and without a query."""
    return re.sub(r"//.*@", "//", uri).partition("?")[0][:200]
