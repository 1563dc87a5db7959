"""Real git repositories for tests, and an HTTP server for them on this machine."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

IDENTITY = {
    "GIT_AUTHOR_NAME": "Alice",
    "GIT_AUTHOR_EMAIL": "alice@example.com",
    "GIT_COMMITTER_NAME": "Alice",
    "GIT_COMMITTER_EMAIL": "alice@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Repository:
    """A repository with working files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    def git(self, *arguments: str, text: str | None = None) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        environment = {**os.environ, **IDENTITY}
        done = subprocess.run(command, env=environment, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str] | None = None) -> str:
        """Write files, commit all, and return the commit."""
        for name, content in (files or {}).items():
            place = self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=change")
        return self.git("rev-parse", "HEAD")

    def commit_tree(self, entries: str) -> str:
        """Commit a tree that git would not make from files; ``entries`` as `git mktree` reads them."""
        tree = self.git("mktree", "--missing", text=entries)
        commit = self.git("commit-tree", "-m", "odd", tree)
        self.git("update-ref", "refs/heads/main", commit)
        return commit


@dataclass
class GitServer:
    """An HTTP server of the repositories below a folder; ``requests`` are the paths that were asked for."""

    url: str
    requests: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)


class _Smart(BaseHTTPRequestHandler):
    """git's own program for HTTP, as a web server would run it."""

    def __init__(self, root: Path, password: str | None, served: GitServer, *rest: object) -> None:
        self._root, self._password, self._served = root, password, served
        super().__init__(*rest)  # type: ignore[arg-type]  # what the server passes on

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        given = self.headers.get("Authorization")
        self._served.requests.append(self.path)
        self._served.authorizations.append(given)
        if self._password and given != "Basic " + base64.b64encode(f"alice:{self._password}".encode()).decode():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.end_headers()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        done = subprocess.run(["git", "http-backend"], env=self._variables(), input=body, stdout=-1, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _variables(self) -> dict[str, str]:
        address = urlsplit(self.path)
        return {
            **os.environ,
            **IDENTITY,
            "GIT_PROJECT_ROOT": str(self._root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": address.path,
            "QUERY_STRING": address.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type") or "",
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
        }

    def log_message(self, *_: object) -> None:
        pass


class _Plain(SimpleHTTPRequestHandler):
    """A server of files, which knows nothing of git."""

    def __init__(self, root: Path, password: str | None, served: GitServer, *rest: object) -> None:
        self._served = served
        super().__init__(*rest, directory=str(root))  # type: ignore[arg-type, misc]  # what the server passes on

    def do_GET(self) -> None:
        self._served.requests.append(self.path)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def git_server(root: Path, *, password: str | None = None, plain: bool = False) -> Iterator[GitServer]:
    """Serve the repositories below a folder; with a password, to the user alice alone; or as plain files."""
    served = GitServer("")
    handler = partial(_Plain if plain else _Smart, root, password, served)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
