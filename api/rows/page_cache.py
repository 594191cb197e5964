"""Least-recently-used cache of finished home pages, as bytes."""

from collections import OrderedDict
from dataclasses import dataclass

from marquee.catalogue.rows import Stamp

Whose = tuple[int, int]  # account, profile
Key = tuple[Whose, tuple[str, ...], str]  # whose page, in which languages, seen from which territory
MOST_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Page:
    """A page and what it was made from; it holds until the viewer's stamp or the snapshot changes."""

    content: bytes
    etag: str
    stamp: Stamp
    serial: int


class PageMemory:
    """One page for each profile, language and territory. For one thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._bytes = most_bytes, 0
        self._pages: OrderedDict[Key, Page] = OrderedDict()

    def get(self, key: Key, stamp: Stamp, serial: int) -> Page | None:
        """The page, if it still holds."""
        page = self._pages.get(key)
        if page is None or page.stamp != stamp or page.serial != serial:
            return None
        self._pages.move_to_end(key)
        return page

    def has(self, key: Key) -> bool:
        """Whether there is a page, good or not."""
        return key in self._pages

    def put(self, key: Key, page: Page) -> None:
        """In place of the older one."""
        if before := self._pages.pop(key, None):
            self._bytes -= len(before.content)
        self._pages[key] = page
        self._bytes += len(page.content)
        while self._bytes > self._most:
            self._bytes -= len(self._pages.popitem(last=False)[1].content)
