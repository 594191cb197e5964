"""A release's HLS playlists as one session gets them: without taller pictures than it may play, with its addresses.

A player needs to know nothing of sessions: every address in a playlist is absolute and works as it stands.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from marquee.tools.hls import Tag, quoted

NAME = re.compile(r"[a-z0-9]+(?:-[A-Za-z0-9]+(?:\.[0-9]+)?)*")  # of a media playlist, without its ending: `…-aac-5.1`
_URI = re.compile(r'URI="([^"]*)"')
_PICTURE = re.compile(r"RESOLUTION=(\d+)x(\d+)")
_KEY = re.compile(r"/keys/([0-9a-f]{32})$")
_SKD = re.compile(r"skd://([0-9a-f]{32})$")

NAMING = ("#EXT-X-MEDIA:", "#EXT-X-STREAM-INF:", "#EXT-X-I-FRAME-STREAM-INF:", "#EXT-X-IMAGE-STREAM-INF:")
GROUPS = ("GROUP-ID", "AUDIO", "VIDEO", "SUBTITLES")

Address = Callable[[str], str]
PlaylistAddress = Callable[[str, str], str]
"""Of a media playlist at an edge, from the edge's name and its own, e.g. `video-h264-360p`."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What helps players of the standard to choose (RFC 8216bis).

    `steering` is the URL that says from time to time which edge to use (section 7), `scores` are those of the pictures
    by their playlists' names, the best the highest (section 4.4.6.2), and `keys` the lines of the session's keys, to
    be fetched beforehand.
    """

    steering: str
    scores: Mapping[str, float]
    keys: Sequence[str]


def master(
    text: str, lines: int, edges: Sequence[str], playlist: PlaylistAddress, choices: Choices | None = None
) -> str:
    """The packaged multivariant playlist without pictures of more lines than that (0: with all).

    With several edges, which need `choices`, each is a pathway of its own, the first one that playing begins with.
    """
    head, pathway = _split(text.splitlines())
    if choices:
        pathway = _scored(pathway, choices.scores)
        head += choices.keys
    if choices and len(edges) > 1:
        asked = {"SERVER-URI": quoted(choices.steering), "PATHWAY-ID": quoted(edges[0])}
        head.append(str(Tag("EXT-X-CONTENT-STEERING", asked)))
    kept = list(_within_limit(pathway, lines))
    body = [_at_edge(line, edge, playlist, only=len(edges) == 1) for edge in edges for line in kept]
    return "".join(f"{line}\n" for line in (*head, *body))


def _scored(pathway: Sequence[str], scores: Mapping[str, float]) -> list[str]:
    """With a score for every variant, or for none: players compare all of them."""
    scored = list(pathway)
    for n, (line, address) in enumerate(pairwise(pathway)):
        if line.startswith("#EXT-X-STREAM-INF:"):
            score = scores.get(address.removesuffix(".m3u8"))
            if score is None:
                return list(pathway)
            scored[n] = f"{line},SCORE={score:.2f}"
    return scored


def skd(kid: str, playback: int | None = None) -> str:
    """FairPlay's address of a key; one of a playback of its own, so that players keep no key from one to the next."""
    return f"skd://{kid}" if playback is None else f"skd://{kid}?playback={playback}"


def session_keys(playlists: Iterable[str], key: Address, fairplay: Address = skd) -> list[str]:
    """The key tags of packaged media playlists, each once, as those of the whole session."""
    lines = (line for text in playlists for line in text.splitlines() if line.startswith("#EXT-X-KEY:"))
    found = dict.fromkeys(_of_media(line, str, key, fairplay) for line in lines)
    return [line.replace("#EXT-X-KEY:", "#EXT-X-SESSION-KEY:", 1) for line in found]


def _split(lines_of_text: list[str]) -> tuple[list[str], list[str]]:
    """What is said of the whole programme, and what names media playlists."""
    named = [line for line in lines_of_text if line.startswith(NAMING) or not line.startswith("#")]
    return [line for line in lines_of_text if line not in set(named)], named


def _within_limit(pathway: list[str], lines: int) -> Iterator[str]:
    """Without what is too tall: a variant's address is the line after its tag."""
    left_out = False
    for line in pathway:
        if line.startswith("#"):
            pictures = line.startswith(("#EXT-X-STREAM-INF:", "#EXT-X-I-FRAME-STREAM-INF:"))
            left_out = pictures and not _small(line, lines)
        if not left_out:
            yield line


def _small(line: str, lines: int) -> bool:
    """Whether a variant's picture is small enough; one of unknown size is not."""
    size = _PICTURE.search(line)
    return not lines or (size is not None and min(int(size[1]), int(size[2])) <= lines)


def _at_edge(line: str, edge: str, playlist: PlaylistAddress, *, only: bool) -> str:
    """The line with an address at an edge, and as one of that edge's pathway unless there is no other."""
    tag = Tag.parse(line)
    if tag is None:
        return playlist(edge, line.removesuffix(".m3u8"))
    changed = {"URI": quoted(playlist(edge, tag["URI"].removesuffix(".m3u8")))} if tag["URI"] else {}
    if not only:
        changed |= {name: quoted(f"{tag[name]}-{edge}") for name in GROUPS if tag[name]}
        changed |= {"PATHWAY-ID": quoted(edge)} if tag.name != "EXT-X-MEDIA" else {}
    return str(Tag(tag.name, {**tag.attributes, **changed}))


def media(text: str, file: Address, key: Address, fairplay: Address = skd) -> str:
    """A packaged media playlist. `file` gives an address from a path within the release, `key` and `fairplay` from a
    key id (hex).
    """
    return "".join(f"{_of_media(line, file, key, fairplay)}\n" for line in text.splitlines())


def _of_media(line: str, file: Address, key: Address, fairplay: Address) -> str:
    if not line.startswith("#"):
        return file(_within_release(line))
    if line.startswith("#EXT-X-MAP:"):
        return _URI.sub(lambda found: f'URI="{file(_within_release(found[1]))}"', line)
    if line.startswith("#EXT-X-KEY:"):
        return _URI.sub(lambda found: f'URI="{_key_address(found[1], key, fairplay)}"', line)
    return line


def _within_release(uri: str) -> str:
    """Playlists lie in a folder of the release."""
    return uri.removeprefix("../")


def _key_address(uri: str, key: Address, fairplay: Address) -> str:
    """Ours for a raw key and for FairPlay; that of another system says all in itself."""
    if asked := _SKD.match(uri):
        return fairplay(asked[1])
    found = _KEY.search(uri)
    return key(found[1]) if found and uri.startswith("/") else uri
