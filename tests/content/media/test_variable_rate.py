"""A film of 30, 60 and 12 frames a second with a gap of two seconds and a doubled stamp, from QC to a package."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from marquee.content.media.audio import encode_audio
from marquee.content.media.encode import encode_chunk
from marquee.content.media.join import join_rendition
from marquee.content.media.made import made_by
from marquee.content.media.package.build import package
from marquee.content.media.package.check import check
from marquee.content.media.package.layout import audio_track, video_track
from marquee.content.media.plan import jobs
from marquee.content.media.qc.measure import measure
from marquee.content.media.thumbnails import make_artwork, make_thumbnails
from marquee.content.media.verify import verify_rendition
from marquee.contracts.plan import Codec, DrmScheme, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.ffprobe import probe
from marquee.tools.process import run
from tests.content.media.package.test_play import Media, browser  # noqa: F401
from tests.content.media.test_sync import click_s
from tests.http_servers import HttpServer

FRAMES, TICKS = 120, 600  # a tick is a part of a second
JUMPS = "settb=1/600,setpts='if(lt(N\\,30)\\,N*20\\,if(lt(N\\,90)\\,600+(N-30)*10\\,2400+(N-90)*50))'"
FLASH, AT_S = 100, 2900 / 600  # a frame after the gap, and its time
LEVELS = 27  # so many frames in a row have levels of their own
H264 = Rung(codec=Codec.H264, width=176, height=144, crf=12, maxrate_kbps=4000, preset="veryfast")

PLAY = """async (manifest) => {
  const video = document.getElementById('v'), player = new shaka.Player();
  await player.attach(video);
  const ended = new Promise((resolve, reject) => {
    player.addEventListener('error', (event) => reject(new Error('Shaka error ' + event.detail.code)));
    video.addEventListener('ended', resolve);
  });
  await player.load(manifest);
  await video.play();
  await ended;
  const {gapsJumped, stallsDetected} = player.getStats();
  const answer = {end: video.currentTime, gaps: gapsJumped, stalls: stallsDetected};
  await player.destroy();
  return answer;
}"""


def level(frame: int) -> int:
    """The luma of a source frame, a value of its own among its neighbours; one frame is white."""
    return 235 if frame == FLASH else 16 + 4 * (frame * 7 % LEVELS)


def film(folder: Path, name: str) -> Path:
    """Frames of one level each, and a click when the white one is shown."""
    luma = f"if(eq(N\\,{FLASH})\\,235\\,16+4*mod(N*7\\,{LEVELS}))"
    grey = f"color=black:size=176x144:rate=15:duration=8,format=yuv420p,geq=lum='{luma}':cb=128:cr=128,{JUMPS}"
    sound = f"aevalsrc='if(between(t,{AT_S},{AT_S}+0.001),0.9,0)':s=48000:d=6.5"
    encode = ["-fps_mode", "passthrough", "-enc_time_base", f"1/{TICKS}", "-c:v", "libx264", "-bf", "0", "-crf", "5"]
    made = folder / f"made-{name}"
    inputs = ["-f", "lavfi", "-i", grey, "-f", "lavfi", "-i", sound]
    sizes = ["-g", "30", "-video_track_timescale", str(TICKS), "-c:a", "aac", "-b:a", "160k"]
    run([ffmpeg(), "-v", "error", *inputs, *encode, *sizes, str(made)], timeout_s=60)
    if not name.endswith("mkv"):  # MP4 admits no doubled stamps without reordering
        return made.rename(folder / name)
    doubled = "setts=ts=if(eq(N\\,60)\\,PREV_OUTPTS\\,TS)"
    run([ffmpeg(), "-v", "error", "-i", str(made), "-c", "copy", "-bsf:v", doubled, str(folder / name)], timeout_s=60)
    return folder / name


def stamps(path: Path) -> list[Fraction]:
    """Seconds of the picture's frames, in order of presentation."""
    found = probe(path, "-select_streams", "v", "-show_entries", "packet=pts_time")["packets"]
    return sorted(Fraction(packet["pts_time"]) for packet in found)


def expected_levels(times: Sequence[Fraction], rate: Fraction, frames: int) -> list[int]:
    """On each point of the grid, the latest frame whose time, rounded to the grid, does not lie after it."""
    points = [math.floor(time * rate + Fraction(1, 2)) for time in times]
    return [level(max(n for n, point in enumerate(points) if point <= frame)) for frame in range(frames)]


def seen_levels(path: Path) -> list[int]:
    """The luma of every frame, as decoded and shrunk to two by two pixels: six bytes in 4:2:0."""
    tiny = ["-fps_mode", "passthrough", "-vf", "scale=2:2:flags=area", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"]
    return list(run([ffmpeg(), "-v", "error", "-i", str(path), *tiny], timeout_s=60).stdout[::6])


def whole(folder: Path, target: Path) -> Path:
    """A packaged track as one file."""
    segments = sorted(folder.glob("*.m4s"), key=lambda path: int(path.stem))
    target.write_bytes(b"".join(path.read_bytes() for path in (folder / "init.mp4", *segments)))
    return target


@pytest.fixture
def carried(
    accept: Callable, plan_of: Callable, small: Callable, mezzanine: Store, work: Store, scratch: Path
) -> Callable[[Path], tuple[EncodePlan, Path]]:
    """A film through QC, plan, encode, scores, thumbnails and packaging: the plan and the release's folder."""

    def carry(source: Path) -> tuple[EncodePlan, Path]:
        measured = measure(source, accept(source).media, lambda _: None).picture
        assert (measured["frames"], measured["decode_errors"]) == (FRAMES, 0)
        plan = small(plan_of(source, measured=measured), H264)
        plan = plan.model_copy(update={"scheme": DrmScheme.NONE})
        for job in jobs(plan):
            encode_chunk(plan, job, mezzanine, work, scratch)
        join_rendition(plan, H264, work, scratch)
        verify_rendition(plan, 0, mezzanine, work, scratch)
        encode_audio(plan, plan.audio[0], mezzanine, work, scratch)
        assert len(make_artwork(plan, mezzanine, work, scratch)) == 2
        thumbnails = make_thumbnails(plan, mezzanine, work, scratch)
        release = package(plan, made_by(plan, work), scratch, keys={}, thumbnails=thumbnails, default_language="en")
        check(release, plan, keys={}, thumbnails=thumbnails)
        return plan, release

    return carry


@pytest.mark.parametrize("name", ["variable.mp4", "variable.mkv"])
def test_a_variable_film_plays_by_law_from_qc_to_the_package(
    name: str, carried: Callable[[Path], tuple[EncodePlan, Path]], tmp_path: Path
) -> None:
    source = film(tmp_path, name)
    times = stamps(source)
    plan, release = carried(source)
    video = whole(release / video_track(H264).folder, tmp_path / "video.mp4")
    audio = whole(release / audio_track(plan.audio[0]).folder, tmp_path / "audio.mp4")
    rate, levels = plan.grid.frame_rate, seen_levels(video)
    assert len(levels) == plan.picture.frames == pytest.approx(float((times[-1] + Fraction(1, 15)) * rate), abs=2)
    assert stamps(video) == pytest.approx([float(n / rate) for n in range(len(levels))], abs=1e-5)
    assert levels == pytest.approx(expected_levels(times, rate, len(levels)), abs=1)
    assert levels.index(max(levels)) / rate == pytest.approx(AT_S, abs=0.5 / rate + 0.001)
    assert click_s(audio) == pytest.approx(AT_S, abs=0.001)


@pytest.mark.parametrize("manifest", ["dash/manifest.mpd", "hls/master.m3u8"])
def test_a_variable_film_plays_to_its_end_in_a_browser(
    manifest: str,
    browser: Any,  # noqa: F811
    carried: Callable[[Path], tuple[EncodePlan, Path]],
    tmp_path: Path,
) -> None:
    plan, release = carried(film(tmp_path, "variable.mkv"))
    media, page = HttpServer(partial(Media, directory=str(release))).start(), browser.new_page()
    try:
        page.goto(f"http://localhost:{media.server_port}")
        answer = page.evaluate(PLAY, f"http://localhost:{media.server_port}/{manifest}")
    finally:
        page.close()
        media.stop()
    assert answer == {"end": pytest.approx(plan.duration_s, abs=0.05), "gaps": 0, "stalls": 0}
