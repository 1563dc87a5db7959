"""The web UI's files, with a policy that lets only our own scripts run."""

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
    """Serves one folder of built files; the UI routes by what follows '#', so '/' is its only page."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
        }

    async def __call__(self, request: Request) -> Response:
        """A built file, by a name from the list made at the start: nothing else can be reached."""
        name = request.path_params.get("path") or "index.html"
        file = self._files.get(name)
        if file is None:
            text = _NOT_BUILT if name == "index.html" else f"There is no page {name[:200]!r} here.\n"
            return PlainTextResponse(text, status_code=404)
        # The bundle's files carry a hash of their content in their names, the others do not.
        caching = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": caching, "X-Content-Type-Options": "nosniff"}
        return FileResponse(file, headers=headers)
