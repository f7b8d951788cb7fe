"""Static files: the built page and the portraits of the starter characters. If the page is not built, a short text
explains how to build it."""

from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from everkin.domain.errors import NotFound
from everkin.interfaces.headers import page_policy
from everkin.interfaces.problems import MethodNotAllowed, problem_response

PAGE = Path(__file__).parent / "page"
PORTRAITS = Path(__file__).parent.parent / "characters" / "avatars"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
"""Listed here because the system's own table of types differs between machines. A file of another type is not
served."""

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Everkin</title>
<h1>Everkin is running, only its page is not built</h1>
<p>Node.js was not found when Everkin was set up, or the page has not been built yet. Install Node.js 20 or newer, then run
<code>make web</code> in Everkin's folder and load this page again.</p>
<p>Everything else works: <code>everkin chat mira</code> in a terminal, the REST interface
(<a href="/api/v1/openapi.json">its description</a>) and Socket.IO.</p>
</html>
"""


class Pages:
    """Serve the files of `page` by path and `/avatars/NAME.svg` from `portraits`. Any other path is a route inside the
    page and gets index.html. Names of built assets contain a digest of their content, so they are cached forever."""

    def __init__(self, page: Path = PAGE, portraits: Path = PORTRAITS) -> None:
        self._page = page.resolve()
        self._portraits = portraits.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.method in ("GET", "HEAD"):
            answer = self._answer(scope["path"])
        else:
            answer = problem_response(MethodNotAllowed(), scope, {"allow": "GET, HEAD"})
        if answer is None:
            answer = problem_response(NotFound(), scope)
        answer.headers.setdefault("content-security-policy", page_policy(scope))
        await answer(scope, receive, send)

    def _answer(self, path: str) -> Response | None:
        if path.startswith("/avatars/"):
            return self._file(self._portraits, path.removeprefix("/avatars/"), "public, max-age=86400")
        if (found := self._file(self._page, path.lstrip("/"), _lasting(path))) is not None:
            return found
        if path.startswith("/assets/") or Path(path).suffix in _TYPES:
            return None
        index = self._file(self._page, "index.html", _ASK_AGAIN)
        return index or HTMLResponse(_NOT_BUILT, headers={"cache-control": _ASK_AGAIN})

    def _file(self, folder: Path, name: str, lasting: str) -> Response | None:
        """Return the file, or None if there is none, if its type is unknown, or if the path leads out of the folder."""
        if not name or "\0" in name:
            return None
        path = (folder / name).resolve()
        content_type = _TYPES.get(path.suffix)
        if content_type is None or not path.is_relative_to(folder) or not path.is_file():
            return None
        headers = {"cache-control": lasting}
        if folder is self._portraits:
            headers["cross-origin-resource-policy"] = "cross-origin"
            headers["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        return FileResponse(path, media_type=content_type, headers=headers)


def build_pages() -> ASGIApp:
    return GZipMiddleware(Pages(), minimum_size=1024)


def _lasting(path: str) -> str:
    return _FOR_EVER if path.startswith("/assets/") else _ASK_AGAIN
