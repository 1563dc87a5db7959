"""Runs the program git so that nothing in a repository or an address makes it run anything else.

Addresses and versions are arguments behind ``--``, never options and never text for a shell. Only the transports below
are allowed, no hook and no filter of a repository runs, and git never asks for a password.
"""

from __future__ import annotations

import base64
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from mlyard.core.errors import InvalidParameter, MlyardError, PermissionDenied
from mlyard.projects.address import Credentials

_PROTOCOLS = "https:http:ssh:file"
_CONFIG = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "protocol.ext.allow": "never",
    "protocol.fd.allow": "never",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # A server that accepts a connection and then sends nothing does not block a run forever.
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": "60",
    "credential.interactive": "false",
}
_SET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": _PROTOCOLS,
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "LC_ALL": "C",
}
# Of the variables that change git, these are the user's own settings of how to reach servers.
_KEPT = (
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSH_VARIANT",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
)
_WITHOUT_USERS_CONFIG = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_NO_RIGHTS = (
    "could not read Username",
    "could not read Password",
    "Authentication failed",
    "Permission denied",
    "terminal prompts disabled",
    "The requested URL returned error: 403",
    "The requested URL returned error: 401",
    "Host key verification failed",
    "dubious ownership",
)


class GitFailed(Exception):
    """git ended with a status other than 0; ``report`` is what it wrote to standard error."""

    def __init__(self, report: str) -> None:
        super().__init__(report)
        self.report = report


def git(
    arguments: Sequence[str],
    *,
    variables: Mapping[str, str] | None = None,
    config: Mapping[str, str] | None = None,
    users_config: bool = False,
) -> bytes:
    """Run git and return what it prints. Raises GitFailed, and InvalidParameter if git is not installed.

    Args:
        arguments: The arguments after ``git``.
        variables: More environment variables.
        config: More configuration. It is passed by the environment, which other users cannot read.
        users_config: Whether the user's own configuration counts, such as their credential helper. It is needed to
            reach servers, but could define filters that change files.
    """
    environment = _environment({**_CONFIG, **(config or {})}, users_config=users_config)
    try:
        # Without a terminal, ssh cannot ask for a password either.
        process = subprocess.Popen(  # noqa: S603 - an argument list; addresses and versions stand behind "--"
            ["git", *arguments],  # noqa: S607 - the user's git
            env={**environment, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise InvalidParameter("Projects in git need the program git, which is not installed.") from None
    with process:
        try:
            output, report = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        raise GitFailed(report.decode(errors="replace"))
    return output


def authorization(url: str, credentials: Credentials | None) -> dict[str, str]:
    """The configuration with which git shows a user and a password to the server of a URL, and to no other."""
    if credentials is None:
        return {}
    parts = urlsplit(url)
    place = f"{parts.scheme}://{parts.netloc}"
    if credentials.password is None:
        return {f"credential.{place}.username": credentials.user}
    pair = base64.b64encode(f"{credentials.user}:{credentials.password}".encode()).decode()
    return {f"http.{place}/.extraHeader": f"Authorization: Basic {pair}"}


def explained(failure: GitFailed, shown: str, credentials: Credentials | None) -> MlyardError:
    """The error that says why a repository cannot be read."""
    lines = [line.strip() for line in failure.report.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("fatal:", "error:", "remote:"))] or lines
    reason = _without(credentials, " ".join(told)[:1000]) or "nothing"
    if any(sign in failure.report for sign in _NO_RIGHTS):
        asked = "does not accept the user and password in the address" if credentials else "asks who you are"
        return PermissionDenied(
            f"The project {shown!r} cannot be read: it does not exist, or its server {asked}. git reports: {reason}"
        )
    return InvalidParameter(f"The project {shown!r} cannot be read. git reports: {reason}")


def _without(credentials: Credentials | None, text: str) -> str:
    if credentials and credentials.password:
        for secret in (credentials.password, quote(credentials.password, safe="")):
            text = text.replace(secret, "***")
    return text


def _environment(config: Mapping[str, str], *, users_config: bool) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    numbered = {"GIT_CONFIG_COUNT": str(len(config))}
    for number, (name, value) in enumerate(config.items()):
        numbered |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return {**kept, **_SET, **numbered, **({} if users_config else _WITHOUT_USERS_CONFIG)}


def commit_of(folder: Path) -> tuple[str | None, str | None, str | None]:
    """The commit, branch and origin of a folder in a git repository; each None if there is none."""
    place = ["-C", str(folder)]
    return (
        _line([*place, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"]),
        _line([*place, "symbolic-ref", "--quiet", "--short", "HEAD"]),
        _line([*place, "config", "--get", "remote.origin.url"]),
    )


def _line(arguments: Sequence[str]) -> str | None:
    try:
        return os.fsdecode(git(arguments)).strip() or None
    except (GitFailed, InvalidParameter):
        return None
