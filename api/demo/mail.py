"""GET /demo/mail: the messages that the embedded catcher keeps. In the demo profile only, and on no other's list."""

import email
import email.policy
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Path as PathParameter
from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup, escape

from api.middleware import PLAIN_PAGE_POLICY
from marquee.contracts.errors import NotFound
from marquee.settings import settings

router = APIRouter(prefix="/demo/mail", include_in_schema=False)
SHOWN = 100
NAME = "^[0-9]{20}$"
LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Message:
    """A kept message."""

    name: str
    subject: str
    to: str
    at: str
    text: Markup


@router.get("")
def list_mail() -> Response:
    """All messages, the newest first."""
    files = sorted(_folder().glob("*.eml"), reverse=True)[:SHOWN]
    return _page(messages=[_read(path) for path in files], message=None)


@router.get("/{name}")
def get_mail(name: Annotated[str, PathParameter(pattern=NAME)]) -> Response:
    """One message, with its links."""
    path = _folder() / f"{name}.eml"
    if not path.is_file():
        raise NotFound("no such message", where="name", got=name)
    return _page(messages=[], message=_read(path))


def _folder() -> Path:
    if not settings().mail_is_caught:
        raise NotFound("this installation keeps no mail")
    return settings().home / "mail"


def _read(path: Path) -> Message:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    return Message(path.stem, str(message["subject"]), str(message["to"]), str(message["date"]), _linked(_text(body)))


def _linked(text: str) -> Markup:
    """The text with its addresses as links; everything in it is escaped."""
    parts, at = Markup(""), 0
    for url in LINK.finditer(text):
        parts += escape(text[at : url.start()]) + Markup('<a href="{0}">{0}</a>').format(url[0])
        at = url.end()
    return parts + escape(text[at:])


def _text(body: object) -> str:
    content = getattr(body, "get_content", str)()
    return str(content)


def _page(**values: object) -> Response:
    return Response(
        _template().render(**values), media_type="text/html", headers={"Content-Security-Policy": PLAIN_PAGE_POLICY}
    )


@lru_cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True).get_template("mail.html.j2")
