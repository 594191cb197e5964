"""Addresses of a title's pictures: those that a person has given it, else those of its release. They need no token."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from api.steering.service import edge_of_pictures
from api.titles.schemas import Focus
from marquee.contracts.artwork import OwnPicture, own_prefix

NARROWER = re.compile(r"art/(\d{1,5})/(\w+)\.webp")  # as marquee/content/media/widths.py names them


class Pictures(NamedTuple):
    """What a card has of them. A backdrop without a focus is held in its middle."""

    poster_url: str | None
    poster_widths: list[int]
    backdrop_url: str | None
    backdrop_widths: list[int]
    backdrop_focus: Focus | None


def pictures_of(title_id: int, release_id: int, given: Mapping[str, Any], paths: Iterable[str]) -> Pictures:
    """`given` are a person's by kind, `paths` the files of the release."""
    own = {kind: OwnPicture.model_validate(held) for kind, held in given.items()} if given else {}
    files, edge = tuple(paths), edge_of_pictures()

    def url(kind: str) -> str | None:
        if kind in own:
            return f"{edge}/{own_prefix(title_id)}/{own[kind].path}"
        path = _made(files, kind).path
        return f"{edge}/{title_id}/{release_id}/{path}" if path else None

    def widths(kind: str) -> list[int]:
        return [] if kind in own else list(_made(files, kind).widths)

    focus = own["backdrop"].rectangle.focus if "backdrop" in own else None
    held = Focus(x=focus[0], y=focus[1]) if focus else None
    return Pictures(url("poster"), widths("poster"), url("backdrop"), widths("backdrop"), held)


class Made(NamedTuple):
    """A picture of a release: its path, and the widths in pixels in which it lies beside the one as it was made."""

    path: str | None
    widths: tuple[int, ...]


@lru_cache(maxsize=1_000)  # most releases have files of the same names
def _made(files: tuple[str, ...], kind: str) -> Made:
    """What the files of a release have of a kind."""
    path = min((each for each in files if each.startswith(f"art/{kind}.")), default=None)
    narrower = [found for each in files if (found := NARROWER.fullmatch(each)) and found[2] == kind]
    return Made(path, tuple(sorted(int(found[1]) for found in narrower)))
