"""The programme is as long as its frames are shown, as QC saw it, whatever counts and declarations say."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.media.picture import command, programme, seek_point
from marquee.content.media.qc.measure import measure
from marquee.content.media.vmaf import FRAME_HASH, frame_hashes
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

GAP = ("-vf", "setpts=PTS+gte(N\\,4000)*0.24/TB", "-fps_mode", "passthrough")
HELD = ("-bsf:v", "setts=duration=if(eq(N\\,99)\\,3.04/TB\\,DURATION)")
SLOWER = "settb=1/600,setpts='if(lt(N\\,60)\\,N*50\\,3000+(N-60)*10)'"  # 12, then 60 frames a second
PIPED = ("-vf", SLOWER, "-fps_mode", "passthrough", "-enc_time_base", "1/600", "-live", "1")
FILMS = {
    "one gap in five minutes": ("gap.mp4", 300, GAP, 7506),
    "last frame held": ("held.mp4", 4, HELD, 175),
    "last frame held, Matroska": ("held.mkv", 4, HELD, 175),
    "late": ("late.mkv", 4, ("-output_ts_offset", "2"), 100),
    "no declared length": ("piped.mkv", 8, PIPED, 184),  # 7.36 s at 25
}


def film_of(path: Path, seconds: float, *arguments: str) -> Path:
    source = f"testsrc2=size=64x64:rate=25:duration={seconds}"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p"]
    run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, *encode, *arguments, str(path)], timeout_s=120)
    return path


def shown(argv: list[str]) -> list[str]:
    """Hashes of the frames that come out."""
    return list(frame_hashes(run(argv, timeout_s=120).stdout.decode().splitlines()))


@pytest.mark.parametrize("film", list(FILMS))
def test_no_frame_is_lost_and_none_is_missed(film: str, accept: Callable, plan_of: Callable, tmp_path: Path) -> None:
    name, seconds, arguments, frames = FILMS[film]
    source = film_of(tmp_path / name, seconds, *arguments)
    measured = measure(source, accept(source).media, lambda _: None).picture
    plan = plan_of(source, measured=measured)
    length = float(plan.picture.frames / plan.grid.frame_rate)
    assert length == pytest.approx(measured["picture_s"], abs=0.5 / float(plan.grid.frame_rate))
    assert plan.picture.frames == frames
    last = plan.chunks[-1]
    seek_s = seek_point(source, plan.picture, float(last.first_frame / plan.grid.frame_rate))
    made = programme(plan, source, last.first_frame, last.frames, seek_s=seek_s)
    found = shown(command(made.output("-", fps_mode="passthrough", **FRAME_HASH)))
    plain = [ffmpeg(), "-v", "error", "-i", str(source), "-fps_mode", "passthrough", *("-f", "framehash"),
             *("-hash", "murmur3"), "-"]  # fmt: skip
    assert len(found) == last.frames
    assert found[-1] == shown(plain)[-1]
