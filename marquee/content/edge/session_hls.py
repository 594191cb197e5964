"""A release's HLS playlists as one session gets them: without taller pictures than it may play, with its addresses.

A player needs to know nothing of sessions: every address in a playlist is absolute and works as it stands.
"""

import re
from collections.abc import Callable, Iterator

NAME = re.compile(r"[a-z0-9]+(?:-[A-Za-z0-9]+)*")  # of a media playlist, without its ending
_URI = re.compile(r'URI="([^"]*)"')
_PICTURE = re.compile(r"RESOLUTION=(\d+)x(\d+)")
_KEY = re.compile(r"/keys/([0-9a-f]{32})$")

Address = Callable[[str], str]


def master(text: str, lines: int, playlist: Address) -> str:
    """The packaged multivariant playlist without pictures of more lines than that (0: with all).

    `playlist` gives the address of a media playlist from its name, e.g. `video-h264-360p`.
    """
    return "".join(f"{line}\n" for line in _of_master(text.splitlines(), lines, playlist))


def _of_master(lines_of_text: list[str], lines: int, playlist: Address) -> Iterator[str]:
    def address(name: str) -> str:
        return playlist(name.removesuffix(".m3u8"))

    left_out = False
    for line in lines_of_text:
        if line.startswith("#"):
            pictures = line.startswith(("#EXT-X-STREAM-INF:", "#EXT-X-I-FRAME-STREAM-INF:"))
            left_out = pictures and not _within(line, lines)
            if not left_out:
                yield _URI.sub(lambda found: f'URI="{address(found[1])}"', line)
        elif not left_out:
            yield address(line)


def _within(line: str, lines: int) -> bool:
    """Whether a variant's picture is small enough; one of unknown size is not."""
    size = _PICTURE.search(line)
    return not lines or (size is not None and min(int(size[1]), int(size[2])) <= lines)


def media(text: str, file: Address, key: Address) -> str:
    """A packaged media playlist. `file` gives an address from a path within the release, `key` from a key id (hex)."""
    return "".join(f"{_of_media(line, file, key)}\n" for line in text.splitlines())


def _of_media(line: str, file: Address, key: Address) -> str:
    if not line.startswith("#"):
        return file(_within_release(line))
    if line.startswith("#EXT-X-MAP:"):
        return _URI.sub(lambda found: f'URI="{file(_within_release(found[1]))}"', line)
    if line.startswith("#EXT-X-KEY:"):
        return _URI.sub(lambda found: f'URI="{_key_address(found[1], key)}"', line)
    return line


def _within_release(uri: str) -> str:
    """Playlists lie in a folder of the release."""
    return uri.removeprefix("../")


def _key_address(uri: str, key: Address) -> str:
    """Ours for a raw key; that of another system says all in itself."""
    found = _KEY.search(uri)
    return key(found[1]) if found and uri.startswith("/") else uri
