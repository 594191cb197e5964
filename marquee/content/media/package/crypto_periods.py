"""Gives the later crypto periods of a release keys of their own.

Packager's own rotation of raw keys turns one key's bytes around. So a release is packaged with the keys of its first
period throughout, and the segments of each later one are decrypted and encrypted again by Packager, with that period's
keys. Nothing else of them changes; a sample group says the key (ISO/IEC 23001-7, section 6). Players of HLS that look
for key ids look in initialisation segments alone, so that manifest names one for each period.
"""

import base64
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from marquee.content.media.package.boxes import Box
from marquee.content.media.package.command import flag_file, later_arguments
from marquee.content.media.package.layout import Keys, Track, tracks, unlisted_tracks
from marquee.content.media.package.sample_group import with_group
from marquee.content.media.package.segments import of_later_part, protection, read_init, with_key_of
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import DrmScheme, EncodePlan
from marquee.tools.process import run

FOLDER = "period"
PLAYREADY = "9a04f07998404286ab92e65be0885f95"
FULL, PSSH_HEAD = 4, 24  # bytes of a PSSH box before its system, and before its data
RANGE = re.compile(r"(?m)^#EXT-X-BYTERANGE:(\d+)@(\d+)\n(.*)$")


@dataclass(frozen=True)
class Period:
    """From which segment of a track on which key opens it.

    `init` is the name of the initialisation segment that says so, `constant_iv` (hex) and `playready` (base64 of its
    object) as it has them.
    """

    first: int
    kid: str
    init: str
    constant_iv: str
    playready: str


def encrypt_periods(plan: EncodePlan, release: Path, keys: Keys, timeout_s: float) -> dict[Track, tuple[Period, ...]]:
    """Encrypt the segments of later crypto periods anew; the periods of each track, none of one in the clear.

    Raises ToolFailed, and GateFailed where the segments made are not as many as there were.
    """
    members = (*tracks(plan), *unlisted_tracks(plan))
    if plan.scheme is DrmScheme.NONE:
        return dict.fromkeys(members, ())
    periods = {track: [_period(release, track, keys, 0, 1)] for track in members}
    for number in range(1, plan.crypto_periods):
        for track, first in _encrypted(plan, release, keys, number, timeout_s).items():
            periods[track].append(_period(release, track, keys, number, first))
    return {track: tuple(found) for track, found in periods.items()}


def _period(release: Path, track: Track, keys: Keys, number: int, first: int) -> Period:
    init = release / track.init(number)
    kid = keys[track.protection].periods[number].kid
    return Period(first, kid, init.name, read_init(init).constant_iv, _playready(init.read_bytes()))


def _playready(init: bytes) -> str:
    found = (box.payload for box in Box("file", init).need("moov").each("pssh"))
    objects = [data[PSSH_HEAD:] for data in found if data[FULL:].startswith(bytes.fromhex(PLAYREADY))]
    return base64.b64encode(objects[0]).decode()


def _encrypted(plan: EncodePlan, release: Path, keys: Keys, period: int, timeout_s: float) -> dict[Track, int]:
    """Encrypt one period's segments anew; the number of the first of each track.

    A second variant is given the constant vector of the first one, whose initialisation segment stands for both.
    """
    members = (*tracks(plan), *unlisted_tracks(plan))
    segments = {track: found for track in members if (found := _segments(plan, release, track, period))}
    for track, found in segments.items():
        init = of_later_part((release / track.init()).read_bytes())
        _put_together(init, found, release / FOLDER / f"{track.folder}.mp4")
    for together in (tuple(t for t in segments if t.listed), *((t,) for t in segments if not t.listed)):
        vector = "" if together[0].listed else _vector(release, together[0], period)
        argv = later_arguments(plan, together, period, FOLDER, vector)
        run(argv, timeout_s=timeout_s, cwd=release, secret_input=flag_file(keys))
        for track in together:
            _replace(release, track, segments[track], period)
    shutil.rmtree(release / FOLDER)
    return {track: int(found[0].stem) for track, found in segments.items()}


def _vector(release: Path, track: Track, period: int) -> str:
    return read_init(release / replace(track, listed=True).init(period)).constant_iv


def _segments(plan: EncodePlan, release: Path, track: Track, period: int) -> list[Path]:
    return [path for path in track.segments(release) if plan.crypto_period(int(path.stem)) == period]


def _put_together(init: bytes, segments: Sequence[Path], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as whole:
        whole.write(init)
        for path in segments:
            with path.open("rb") as part:
                shutil.copyfileobj(part, whole)


def _replace(release: Path, track: Track, old: Sequence[Path], period: int) -> None:
    """Put what was made in the place of what was there, and beside it an initialisation segment of the period."""
    made = release / FOLDER / "made" / track.folder
    new = sorted(made.glob("*.m4s"), key=lambda path: int(path.stem))
    if len(new) != len(old):
        raise GateFailed("other segments than before", where=track.folder, expected=str(len(old)), got=str(len(new)))
    said = (made / "init.mp4").read_bytes()
    tenc = protection(said)
    if tenc is None:
        raise GateFailed("not encrypted anew", where=track.folder)
    (release / track.init(period)).write_bytes(with_key_of((release / track.init()).read_bytes(), said))
    growth = {}
    for source, target in zip(new, old, strict=True):
        growth[target.name] = -target.stat().st_size
        growth[target.name] += target.write_bytes(with_group(source.read_bytes(), tenc.payload))
    if (iframes := release / track.iframes).exists() and track.listed:
        iframes.write_text(_lengthened(iframes.read_text(), growth))


def _lengthened(playlist: str, growth: Mapping[str, int]) -> str:
    """An I-frame playlist with the ranges of segments whose heads have grown, from the fragment to the frame's end."""

    def longer(found: re.Match[str]) -> str:
        length = int(found[1]) + growth.get(Path(found[3]).name, 0)
        return f"#EXT-X-BYTERANGE:{length}@{found[2]}\n{found[3]}"

    return RANGE.sub(longer, playlist)
