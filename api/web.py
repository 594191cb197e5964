"""Serves the web app's files from web/dist; every other path outside the API is a page of the app."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from api.sharing import previews, sitemaps
from api.steering.service import edge_of_pictures
from marquee.settings import settings

DIST = Path(__file__).resolve().parents[1] / "web" / "dist"
SERVICE_WORKER = "sw.js"
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Marquee</title>
<h1>The web app is not built</h1><p>Run <code>npm ci &amp;&amp; npm run build</code> in <code>web/</code>,
then load this page again. The API works without it: see <a href="/docs">its reference</a>.</p></html>"""


def policy() -> str:
    """The content security policy of the web app: own scripts, media from the edges, no other host.

    `blob:` serves Media Source Extensions and the player's workers; styles are set by the player on elements.
    """
    edges = " ".join(settings().edge_urls.values())
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "worker-src": "'self' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self' data:",
        "img-src": f"'self' data: blob: {edges}",
        "media-src": f"'self' blob: {edges}",
        "connect-src": f"'self' {edges}",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class WebApp:
    """Serves what no route of the API matched. Raises a 404 for paths of the API and for files that are not there."""

    def __init__(self, dist: Path = DIST) -> None:
        self._dist = dist
        self._files = StaticFiles(directory=dist, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or scope["path"].startswith("/v1/"):
            raise HTTPException(404)
        response = await self._response(Request(scope))
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        path = request.url.path.lstrip("/")
        if found := await sitemaps.answer(request, path):
            return found
        if "." in path.rpartition("/")[2] and path != "index.html":
            response = await self._files.get_response(path, request.scope)
            hashed = path.startswith("assets/")
            if path == SERVICE_WORKER:
                response.headers["Content-Security-Policy"] = policy()  # it fetches, and goes by its own file's
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
            return response
        link = f"<{edge_of_pictures()}>; rel=preconnect"  # while the scripts come, which ask for the first picture
        headers = {"Content-Security-Policy": policy(), "Cache-Control": "no-cache", "Link": link}
        index = self._dist / "index.html"
        if not index.is_file():
            return HTMLResponse(NOT_BUILT, headers=headers)
        if settings().search_engines and (head := await previews.head(request)):
            return HTMLResponse(index.read_text().replace("</head>", f"  {head}\n  </head>", 1), headers=headers)
        return FileResponse(index, headers=headers)
