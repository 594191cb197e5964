"""Pages: templates, amounts and times as people write them, and what a browser may do with a page."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from jinja2 import Environment, FileSystemLoader

from api.billing_sandbox.amounts import money

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


def page(name: str, status: int = 200, leads_to: str | None = None, **values: object) -> Response:
    """A page from its template. `leads_to` is the site to which its form may lead in the end."""
    address = urlsplit(leads_to or "")
    policy = f"{POLICY} {address.scheme}://{address.netloc}" if _is_site(address.scheme, address.netloc) else POLICY
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin"}
    return Response(_environment().get_template(name).render(**values), status, headers, "text/html")


def _is_site(scheme: str, netloc: str) -> bool:
    return scheme in {"http", "https"} and bool(netloc) and not set(netloc) & set("; ,'\"")


def redirect(url: str) -> Response:
    """To a page, by GET."""
    return RedirectResponse(url, 303)


async def _own_form(request: Request) -> dict[str, str]:
    """The fields of a form of ours. Raises 403 for a form on another site."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "")
    own = site == "same-origin" if site else urlsplit(origin).netloc == request.headers.get("host")
    if not own:
        raise HTTPException(403, "Another site cannot do this.")
    return dict(parse_qsl((await request.body()).decode(errors="replace")))


OwnForm = Annotated[dict[str, str], Depends(_own_form)]


def moment(at: int | None) -> str:
    """`31 Jan 2026, 10:15 UTC`."""
    return datetime.fromtimestamp(at, UTC).strftime("%-d %b %Y, %H:%M UTC") if at is not None else "never"


def days(at: int) -> str:
    """`31 Jan 2026`."""
    return datetime.fromtimestamp(at, UTC).strftime("%-d %b %Y")


@lru_cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(money=money, moment=moment, day=days)
    return environment
