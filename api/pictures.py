"""Addresses of a title's pictures: those that a person has given it, else those of its release. They need no token."""

import re
from collections.abc import Iterable, Mapping
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
    art = sorted(path for path in paths if path.startswith("art/"))
    edge = edge_of_pictures()

    def url(kind: str) -> str | None:
        if kind in own:
            return f"{edge}/{own_prefix(title_id)}/{own[kind].path}"
        path = next((p for p in art if p.startswith(f"art/{kind}.")), None)
        return f"{edge}/{title_id}/{release_id}/{path}" if path else None

    def widths(kind: str) -> list[int]:
        """In which a picture of the release lies beside the one that is as it was made, in pixels."""
        found = () if kind in own else map(NARROWER.fullmatch, art)
        return sorted(int(each[1]) for each in found if each and each[2] == kind)

    focus = own["backdrop"].rectangle.focus if "backdrop" in own else None
    held = Focus(x=focus[0], y=focus[1]) if focus else None
    return Pictures(url("poster"), widths("poster"), url("backdrop"), widths("backdrop"), held)
