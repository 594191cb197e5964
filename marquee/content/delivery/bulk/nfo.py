"""Metadata of an NFO file, as Kodi defines them (movie, tvshow, episodedetails), as fields of title.yaml."""

import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from anyascii import anyascii
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from marquee.content.delivery.quarantine import safe_slug
from marquee.contracts.errors import InvalidInput
from marquee.contracts.ratings import age_of

MAX_BYTES = 1024 * 1024
MAX_PEOPLE = 200
ROOTS = {"movie", "tvshow", "episodedetails"}


def read(content: bytes, name: str) -> dict[str, Any]:
    """`title`, `synopsis`, `year`, `genres`, `maturity_rating`, `credits`, `season`, `number`, as far as they are said.

    A file that only holds an address, as Kodi allows, says nothing. Raises InvalidInput for one that is not sound.
    """
    text = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text.startswith(b"<"):
        return {}
    try:
        root = fromstring(text[: text.rindex(b">") + 1], forbid_dtd=True)  # an address may follow
    except DefusedXmlException as error:
        raise InvalidInput("XML with a DTD or entities", where=name, got=type(error).__name__) from None
    except (ParseError, ValueError) as error:
        raise InvalidInput("not well-formed XML", where=name, got=str(error)[:100]) from None
    if root.tag not in ROOTS:
        raise InvalidInput("not an NFO file", where=name, expected=" or ".join(sorted(ROOTS)), got=root.tag[:40])
    found = {
        "title": _text(root, "title"),
        "synopsis": _text(root, "plot") or _text(root, "outline"),
        "year": _year(root),
        "genres": list(dict.fromkeys(safe_slug(anyascii(genre)) for genre in _texts(root, "genre"))),
        "maturity_rating": _rating(root),
        "credits": _people(root),
        "season": _number(root, "season"),
        "number": _number(root, "episode"),
    }
    return {field: value for field, value in found.items() if value not in (None, "", [])}


def _texts(root: Element, tag: str) -> list[str]:
    """All texts of a tag; lists by slash or comma within one are taken apart."""
    texts = [part.strip() for each in root.findall(tag) for part in re.split(r"[/,|]", each.text or "")]
    return [text for text in texts if text]


def _text(root: Element, tag: str) -> str:
    found = root.find(tag)
    return (found.text or "").strip()[:4000] if found is not None else ""


def _number(root: Element, tag: str) -> int | None:
    text = _text(root, tag)
    return int(text) if re.fullmatch(r"\d{1,5}", text) else None


def _year(root: Element) -> int | None:
    for tag in ("year", "premiered", "aired", "releasedate"):
        if found := re.match(r"(1[89]\d\d|20\d\d)", _text(root, tag)):
            return int(found[1])
    return None


def _rating(root: Element) -> str | None:
    for label in re.split(r"[/|]", _text(root, "mpaa").lower()):
        words = label.replace("rated", " ").rpartition(":")[2].split()
        if words and (age := age_of(words[0].removeprefix("fsk-"))):
            return age
    return None


def _people(root: Element) -> list[dict[str, str]]:
    crew = [
        {"name": name, "role": role}
        for tag, role in (("director", "director"), ("credits", "writer"))
        for name in _texts(root, tag)
    ]
    cast = [_actor(each) for each in root.findall("actor") if _text(each, "name")]
    return (crew + cast)[:MAX_PEOPLE]


def _actor(element: Element) -> dict[str, str]:
    character = _text(element, "role")
    return {"name": _text(element, "name"), "role": "actor"} | ({"character": character} if character else {})
