"""The plugin's app about getting films in: uploads from the browser, and the import of titles from a folder."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from marquee.content.pipeline import imports, uploads
from marquee.contracts.errors import MarqueeError
from marquee.contracts.title import MaturityRating
from marquee.settings import settings
from marquee_airflow.access import Editor, User, may_change
from marquee_airflow.runs import start_run
from marquee_airflow.upload_api import VERSION, api
from marquee_airflow.web import TEMPLATES, page, sub_app, tell

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
SHOWN = 500  # lines of a dry run on the page
app = sub_app("Marquee intake")
app.include_router(api)
Source = Annotated[str, Query(max_length=1000)]


@app.exception_handler(MarqueeError)
async def tell_by_tus(request: Request, error: MarqueeError) -> Response:
    """A known error as everywhere, with the header that tus wants on every answer."""
    answer = await tell(request, error)
    answer.headers["Tus-Resumable"] = VERSION
    return answer


@app.exception_handler(RequestValidationError)
async def tell_what_does_not_hold(_: Request, error: RequestValidationError) -> Response:
    """A request that has not the form it should have, in the same words as all other problems."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    said = {
        "type": "/problems/invalid-input",
        "title": first["msg"],
        "status": 422,
        "detail": f"{place}: {first['msg']}",
    }
    return JSONResponse(said | {"where": place}, 422, media_type="application/problem+json")


@app.get("/api/openapi.json", include_in_schema=False)
def describe(request: Request) -> JSONResponse:
    """The OpenAPI document, behind the same login."""
    return JSONResponse(request.app.openapi())


@app.get("/intake.js", include_in_schema=False)
def script() -> FileResponse:
    """The script of the form and the list."""
    return FileResponse(TEMPLATES / "intake.js", media_type="text/javascript")


@app.get("/tus.js", include_in_schema=False)
def upload_script() -> FileResponse:
    """The script that sends a file."""
    return FileResponse(TEMPLATES / "tus.js", media_type="text/javascript")


@app.get("/upload", response_class=HTMLResponse, include_in_schema=False)
def show_uploads(request: Request, user: User) -> HTMLResponse:
    """A form for a new title with its files, and the uploads that are under way or done."""
    return _guarded(
        page(
            "upload.html",
            base=_base(request),
            ratings=list(MaturityRating),
            uploads=uploads.listed(),
            may_change=may_change(user),
            days=settings().upload_days,
        )
    )


@app.get("/import", response_class=HTMLResponse, include_in_schema=False)
def show_import(
    request: Request, user: User, source: Source = "", language: str = "en", started: Source = ""
) -> HTMLResponse:
    """What can be imported from, and the dry run of what was chosen."""
    table = imports.dry_run(imports.below_import_path(source), language=language) if source else None
    return _guarded(
        page(
            "import.html",
            base=_base(request),
            sources=imports.sources(),
            source=source,
            language=language,
            table=table,
            started=started,
            shown=SHOWN,
            may_change=may_change(user),
        )
    )


@app.post("/import", include_in_schema=False)
def start_import(
    request: Request,
    source: Annotated[str, Form(max_length=1000)],
    by: Editor,
    language: Annotated[str, Form(max_length=35)] = "en",
) -> Response:
    """Start the DAG that imports, and say which run it is: Airflow's frame lets no page lead out of it."""
    imports.below_import_path(source)  # says at once what does not hold
    run = start_run("title_import", {"source": source, "language": language, "dry_run": False}, by)
    return RedirectResponse(f"{_base(request)}/import?{urlencode({'started': run})}", status_code=303)


def _guarded(answer: HTMLResponse) -> HTMLResponse:
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def _base(request: Request) -> str:
    """Where Airflow has mounted the app."""
    return str(request.scope.get("root_path", ""))
