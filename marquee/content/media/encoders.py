"""Versions of the encoders: part of every plan, because other versions make other files."""

import re
import tempfile
from functools import lru_cache
from pathlib import Path

from marquee.contracts.errors import ToolFailed
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

FFMPEG = re.compile(r"ffmpeg version (\S+)")
X264 = re.compile(rb"x264 - (core \d+(?: r\w+)?)")
SVT_AV1 = re.compile(r"SVT-AV1 Encoder Lib v?(\S+)")


@lru_cache
def encoders() -> str:
    """Versions of ffmpeg, x264 and SVT-AV1, asked from the programs themselves by encoding one small frame.

    x264 writes its version into the stream, SVT-AV1 says it. Raises ToolFailed when one of them is missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        stream = Path(folder) / "frame.h264"
        lines: list[str] = []
        run(_sample(stream), timeout_s=60, on_error_line=lines.append)
        said = "\n".join(lines)
        found = FFMPEG.search(said), X264.search(stream.read_bytes()), SVT_AV1.search(said)
    ffmpeg_version, x264, svt = found
    if not (ffmpeg_version and x264 and svt):
        raise ToolFailed("does not tell its encoders' versions", where=ffmpeg(), got=said)
    return f"ffmpeg {ffmpeg_version[1]}, x264 {x264[1].decode()}, SVT-AV1 {svt[1]}"


def _sample(stream: Path) -> list[str]:
    source = ["-f", "lavfi", "-i", "color=size=64x64:rate=1:duration=1"]
    return [ffmpeg(), *source, "-c:v", "libx264", str(stream), "-c:v", "libsvtav1", "-f", "null", "-"]
