"""Containers that archives hold: QC sees every frame, and a rendition cut into chunks has each of them in its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.delivery.probe import probe_media
from marquee.content.media import qc
from marquee.content.media.encode import chunk_key, encode_chunk
from marquee.content.media.plan import jobs
from marquee.content.media.vmaf import score_chunk
from marquee.contracts.plan import Codec, Rung
from marquee.contracts.qc import Severity
from marquee.storage import Store
from marquee.tools.ffprobe import probe

H264 = Rung(codec=Codec.H264, width=160, height=90, crf=24, maxrate_kbps=600, preset="veryfast")
PAL = {"size": "720x576", "rate": "25"}
FILMS = {
    "film.avi": {"extra": ("-c:v", "mpeg4", "-q:v", "3", "-bf", "0", "-g", "30")},
    "xvid.avi": {"extra": ("-c:v", "mpeg4", "-q:v", "3", "-bf", "2", "-g", "30")},
    "film.dv": {**PAL, "extra": ("-c:v", "dvvideo", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", "-ac", "2")},
    "film.wmv": {"extra": ("-c:v", "wmv2", "-q:v", "3", "-c:a", "wmav2", "-g", "30")},
    "film.flv": {"extra": ("-c:v", "flv1", "-q:v", "3", "-c:a", "libmp3lame", "-ar", "44100", "-g", "30")},
    "h264.flv": {"extra": ("-g", "30")},
    "film.ogv": {"extra": ("-c:v", "libtheora", "-q:v", "8", "-c:a", "libvorbis", "-g", "30")},
}


@pytest.mark.parametrize("name", FILMS)
def test_every_frame_is_seen_and_carried(
    name: str, make_clip: Callable, plan_of: Callable, small: Callable, mezzanine: Store, work: Store, scratch: Path
) -> None:
    clip = make_clip(name, **{"seconds": 6, "size": "320x180", **FILMS[name]})
    report = qc.check(clip, probe_media(clip))
    frames = report.measured["frames"]
    assert frames == pytest.approx(150, abs=1)
    assert report.verdict is not Severity.FAIL, report.findings
    rung = H264.model_copy(update={"width": 360, "height": 288}) if name.endswith("dv") else H264
    plan = small(plan_of(clip, measured=report.measured), rung)
    assert plan.picture.frames == pytest.approx(frames, abs=1)
    carried = 0
    for job in jobs(plan):
        encode_chunk(plan, job, mezzanine, work, scratch)
        scores = score_chunk(plan, job, mezzanine, work, scratch).vmaf
        assert min(scores.values()) > 50, f"{job.name}: pictures out of place"
        chunk = work.fetch(chunk_key(plan, plan.rungs[0], plan.chunks[job.chunk]))
        carried += int(probe(chunk, "-count_frames", "-show_streams")["streams"][0]["nb_read_frames"])
    assert carried == plan.picture.frames
