"""Puts a release's second encryption beside the first: the same tracks, their own keys, manifests of their own.

Both are packaged from one encode, each a whole release of its own that was checked as such. Segments of the second go
beside those of the first under names with its scheme before them; subtitles and thumbnails are not encrypted, and the
manifests of both name the same.
"""

import re
import shutil
from pathlib import Path

from marquee.content.media.package.layout import MASTER, MPD, Keys
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import SecondEncryption

SHARED = ("text", "thumbs", "art")
TEXTS = {".mpd", ".m3u8"}


def mpd(scheme: DrmScheme) -> str:
    """The DASH manifest of a second encryption."""
    return MPD.replace("manifest", scheme.value)


def master(scheme: DrmScheme) -> str:
    """Its multivariant playlist."""
    return MASTER.replace("master", f"{scheme.value}-master")


def described(scheme: DrmScheme, first: Keys, second: Keys) -> SecondEncryption:
    """What release.json says of it."""
    kids = {first[track].kid: second[track].kid for track in second}
    return SecondEncryption(scheme=scheme, dash=mpd(scheme), hls=master(scheme), kids=kids)


def add(second: Path, release: Path, scheme: DrmScheme) -> None:
    """Move the tracks of a packaged folder into a release, and write its manifests there."""
    for path in sorted(path for path in second.rglob("*") if path.is_file()):
        relative = path.relative_to(second).as_posix()
        if (added := _added(relative, scheme)) is None:
            continue
        target = release / added
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in TEXTS:
            target.write_text(_renamed(path.read_text(), scheme))
        else:
            shutil.move(path, target)


def taken_out(release: Path, folder: Path, scheme: DrmScheme) -> Path:
    """The second encryption as a release of its own in `folder`, with links to its files, to be checked as one."""
    for path in sorted(path for path in release.rglob("*") if path.is_file()):
        relative = path.relative_to(release).as_posix()
        alone = relative if _is_shared(relative) else _alone(relative, scheme)
        if alone is None:
            continue
        (folder / alone).parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in TEXTS:
            (folder / alone).write_text(_named_alone(path.read_text(), scheme))
        else:
            (folder / alone).symlink_to(path.resolve())
    return folder


def _is_shared(relative: str) -> bool:
    return relative.startswith((*(f"{kind}/" for kind in SHARED), "hls/text", "hls/thumbs"))


def _added(relative: str, scheme: DrmScheme) -> str | None:
    """The path in the release of a file of the second encryption; None for what both share."""
    if _is_shared(relative):
        return None
    kind, _, rest = relative.partition("/")
    return {MPD: mpd(scheme), MASTER: master(scheme)}.get(relative, f"{kind}/{scheme.value}-{rest}")


def _alone(relative: str, scheme: DrmScheme) -> str | None:
    """The other way round; None for a file of the first encryption."""
    kind, _, rest = relative.partition("/")
    own = f"{kind}/{rest.removeprefix(f'{scheme.value}-')}" if rest.startswith(f"{scheme.value}-") else None
    return {mpd(scheme): MPD, master(scheme): MASTER}.get(relative, own)


def _renamed(text: str, scheme: DrmScheme) -> str:
    """A manifest with the names that the tracks and playlists have in the release."""
    text = re.sub(r"\.\./(video|audio)/", rf"../\1/{scheme.value}-", text)
    return re.sub(r'(?m)(URI="|^)(?=(?:video|audio)-)', rf"\1{scheme.value}-", text)


def _named_alone(text: str, scheme: DrmScheme) -> str:
    """The other way round."""
    text = re.sub(rf"\.\./(video|audio)/{scheme.value}-", r"../\1/", text)
    return re.sub(rf'(?m)(URI="|^){scheme.value}-(?=(?:video|audio)-)', r"\1", text)
