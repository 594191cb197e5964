"""Rules of the folder: whatever a manifest names is there, and whatever is there is named."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from marquee.content.media.package.check_dash import load, timeline
from marquee.content.media.package.dash import q
from marquee.content.media.package.layout import MASTER, MPD, THUMBNAIL_TRACK
from marquee.contracts.errors import GateFailed
from marquee.contracts.release import UNLISTED, Thumbnails
from marquee.tools.hls import uris

OF_HLS = re.compile(r"/init-\d+\.mp4$")  # of later crypto periods


def check_files(release: Path, thumbnails: Thumbnails) -> None:
    """Check that names and files agree, and that sprite sheets have their size. Raises GateFailed."""
    present = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    roots = {MPD, MASTER, THUMBNAIL_TRACK}
    if lacking := sorted(roots - present):
        raise GateFailed("not there", where=lacking[0])
    by_dash, by_hls = set(_named_by_dash(release, len(thumbnails.sheets))), set(_named_by_hls(release, MASTER, present))
    for where, named in ((MPD, by_dash), (MASTER, by_hls)):
        if absent := sorted(named - present):
            raise GateFailed("a file that is named is not there", where=absent[0], expected=f"as {where} says")
    unnamed = ("art/", f"{UNLISTED}/")
    if stray := sorted(p for p in present - by_dash - by_hls - roots if not p.startswith(unnamed)):
        raise GateFailed("no manifest names this file", where=stray[0])
    if one_sided := sorted(p for p in by_dash ^ by_hls if not (p.startswith("hls/") or OF_HLS.search(p))):
        raise GateFailed("only one of the manifests names this file", where=one_sided[0])
    _check_sheets(release, thumbnails)


def _named_by_hls(release: Path, playlist: str, present: set[str]) -> Iterator[str]:
    for uri in uris((release / playlist).read_text()):
        path = _resolve(playlist, uri)
        yield path
        if path.endswith(".m3u8") and path in present:
            yield from _named_by_hls(release, path, present)


def _named_by_dash(release: Path, sheets: int) -> Iterator[str]:
    root = load(release)
    for representation in root.iter(q("Representation")):
        for template in representation.findall(q("SegmentTemplate")):
            yield _resolve(MPD, template.attrib["initialization"])
            for number in range(1, len(timeline(representation)) + 1):
                yield _resolve(MPD, template.attrib["media"].replace("$Number$", str(number)))
    for address in root.iter(q("BaseURL")):
        yield _resolve(MPD, address.text or "")
    yield from (f"thumbs/{number}.jpg" for number in range(1, sheets + 1))


def _resolve(manifest: str, uri: str) -> str:
    """An address as a path below the release. Raises GateFailed for one that leads out of it."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(manifest), uri))
    if ":" in uri.split("/")[0] or path.startswith(("/", "..")):
        raise GateFailed("an address that leads out of the release", where=manifest, got=uri)
    return path


def _check_sheets(release: Path, thumbnails: Thumbnails) -> None:
    """DASH has one size for all sheets; players cut tiles by it."""
    expected = (thumbnails.columns * thumbnails.tile_width, thumbnails.rows * thumbnails.tile_height)
    for number in range(1, len(thumbnails.sheets) + 1):
        where = f"thumbs/{number}.jpg"
        try:
            with Image.open(release / where) as sheet:
                size = sheet.size
        except OSError:
            raise GateFailed("not a picture", where=where) from None
        if size != expected:
            raise GateFailed("wrong size of sprite sheet", where=where, expected=str(expected), got=str(size))
