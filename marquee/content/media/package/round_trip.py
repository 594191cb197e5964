"""Decrypts packaged tracks with their content keys and decodes them to the end."""

from pathlib import Path

from marquee.content.media.package.layout import Keys, Track
from marquee.content.media.package.opened import CLEAR, open_track
from marquee.contracts.errors import GateFailed, ToolFailed
from marquee.contracts.plan import DrmScheme
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

LEAST_TIMEOUT_S = 600


def check_round_trip(
    release: Path, track: Track, scheme: DrmScheme, keys: Keys, folder: Path, *, frames: int | None, duration_s: float
) -> None:
    """Decrypt a track into `folder` and decode it; a picture has to have so many frames.

    Raises GateFailed where the key does not open it, a decoder finds errors, or frames are missing.
    """
    where, timeout_s = track.folder, LEAST_TIMEOUT_S + 4 * duration_s
    init, segments = release / track.init(), (path.read_bytes() for path in track.segments(release))
    argv = [ffmpeg(), "-v", "error", "-xerror", "-err_detect", "explode", "-progress", "-", "-i", str(folder / CLEAR)]
    try:
        open_track(init.read_bytes(), segments, track, scheme, keys, folder, timeout_s)
        done = run([*argv, "-map", "0", "-f", "null", "-"], timeout_s=timeout_s)
    except ToolFailed as error:
        raise GateFailed("does not open or decode", where=where, got=error.what[:300]) from None
    except ValueError as error:
        raise GateFailed(f"not a track: {error}", where=where) from None
    found = [line.removeprefix("frame=") for line in done.stdout.decode().splitlines() if line.startswith("frame=")]
    if frames is not None and int(found[-1]) != frames:
        raise GateFailed("wrong number of frames", where=where, expected=str(frames), got=found[-1])
    if done.stderr:
        raise GateFailed("the decoder complains", where=where, got=done.stderr[:300])
