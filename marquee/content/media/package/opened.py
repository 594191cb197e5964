"""Makes one clear MP4 file of a packaged track, whatever keys its segments are under."""

import shutil
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from marquee.content.media.package.boxes import Box
from marquee.content.media.package.command import decryption, flag_file, opening
from marquee.content.media.package.layout import Keys, Track
from marquee.content.media.package.sample_group import group_of
from marquee.content.media.package.segments import of_later_part, with_protection
from marquee.contracts.plan import DrmScheme
from marquee.tools.process import run

WHOLE, CLEAR, PART = "track.mp4", "clear.mp4", "part"


def open_track(
    init: bytes, segments: Iterable[bytes], track: Track, scheme: DrmScheme, keys: Keys, folder: Path, timeout_s: float
) -> Path:
    """The track as a file in `folder`, which is its own. `keys` has to hold the track's.

    Packager opens what an initialisation segment says, and no sample groups: segments of a later crypto period are
    opened apart, behind an initialisation segment that says their key. Raises ToolFailed, and ValueError for what is no
    track.
    """
    own = {} if scheme is DrmScheme.NONE else {track.protection: keys[track.protection]}
    rotated = any(key.later for key in own.values())
    with (folder / WHOLE).open("wb") as whole:
        for part in _opened(init, segments, track, own, folder, timeout_s) if rotated else (init, *segments):
            whole.write(part)
    left = DrmScheme.NONE if rotated else scheme
    secret = None if left is DrmScheme.NONE else flag_file(own)
    run(decryption(track, left, WHOLE, CLEAR), timeout_s=timeout_s, cwd=folder, secret_input=secret)
    (folder / WHOLE).unlink()
    return folder / CLEAR


def _opened(
    init: bytes, segments: Iterable[bytes], track: Track, keys: Keys, folder: Path, timeout_s: float
) -> Iterator[bytes]:
    """The clear initialisation segment and the clear segments of all periods, in order."""
    part, made = folder / f"{PART}.mp4", folder / PART
    for n, (said, members) in enumerate(groupby(segments, _said)):
        with part.open("wb") as whole:
            start = of_later_part(init) if n else init
            whole.write(with_protection(start, said) if said else start)
            whole.writelines(members)
        run(opening(track, part.name, PART), timeout_s=timeout_s, cwd=folder, secret_input=flag_file(keys))
        if n == 0:
            yield (made / "init.mp4").read_bytes()
        for path in sorted(made.glob("*.m4s"), key=lambda path: int(path.stem)):
            yield path.read_bytes()
        shutil.rmtree(made)
        part.unlink()


def _said(segment: bytes) -> bytes:
    """What a segment says of its protection, as a `tenc` has it; empty where it leaves that to the track."""
    group = group_of(Box("file", segment).need("moof", "traf"))
    return group.payload if group else b""
