"""The files of the web UI, with a policy that allows only its own scripts."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_NOT_BUILT = "The web UI is not built. Run `make web` in mlyard's repository, or install a released package.\n"


class UiFiles:
    """Serves the built files of one folder. The UI routes by the URL's fragment, so '/' is its only page."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
        }

    async def __call__(self, request: Request) -> Response:
        """Serve a file. Its name must be in the list made at the start, so that nothing else can be read."""
        name = request.path_params.get("path") or "index.html"
        file = self._files.get(name)
        if file is None:
            text = _NOT_BUILT if name == "index.html" else f"There is no page {name[:200]!r} on this server.\n"
            return PlainTextResponse(text, status_code=404)
        # The names of files in assets/ contain a hash of their content, those of other files do not.
        caching = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": caching, "X-Content-Type-Options": "nosniff"}
        return FileResponse(file, headers=headers)
