"""Where the web app shows pictures, and in which sizes: what a crop is previewed at."""

from marquee.contracts.base import Contract
from marquee.contracts.title import ArtworkKind

SCREENS = {"desktop": (1440, 900), "phone": (390, 844), "television": (1920, 1080)}  # CSS pixels


class Place(Contract):
    """A box of the web app on one of the screens, in CSS pixels. `words`: text lies over its lower left part."""

    name: str
    kind: ArtworkKind
    screen: str
    width: int
    height: int
    words: bool = False


def _backdrop(name: str, words: bool, **sizes: tuple[int, int]) -> list[Place]:
    return [
        Place(name=name, kind="backdrop", screen=screen, width=width, height=height, words=words)
        for screen, (width, height) in sizes.items()
    ]


def _poster(name: str, **widths: int) -> list[Place]:
    return [
        Place(name=name, kind="poster", screen=screen, width=width, height=round(width * 3 / 2))
        for screen, width in widths.items()
    ]


PLACES = (
    *_backdrop("Home page", True, desktop=(1440, 774), phone=(390, 709), television=(1920, 929)),
    *_backdrop("Title page", True, desktop=(1440, 736), phone=(390, 490), television=(1920, 1075)),
    *_backdrop("Series page", True, desktop=(1440, 640), phone=(390, 320), television=(1920, 922)),
    *_backdrop("Episode in a list", False, desktop=(139, 78), phone=(128, 72)),
    *_backdrop("Shared link", False, desktop=(1200, 630)),
    *_poster("Title page", desktop=272, television=384),
    *_poster("Card", desktop=208, phone=140, television=250),
    *_poster("Next title", desktop=144),
)
