"""The fixed ladder to compare with: Apple's H.264 table, each step in two passes at its rate."""

from pathlib import Path

from bench.quality.clips import Clip
from marquee.content.media.encode import chunk_commands
from marquee.content.media.ladder import box_scale, scaled
from marquee.contracts.plan import Chunk, Codec, EncodePlan, Rung

# HLS Authoring Specification for Apple Devices, table 1: lines of the 16:9 box, kb/s on average.
STEPS = (
    *((234, 145), (270, 365), (360, 730), (432, 1100), (540, 2000)),
    *((720, 3000), (720, 4500), (1080, 6000), (1080, 7800)),
)
PEAK = 2  # of the average, the most that the specification allows
MEDIUM = ("medium", "")  # x264's default


def rungs(clip: Clip, preset: str, options: str) -> list[Rung]:
    """The steps that the picture has, as rungs whose cap is twice the rate; a larger box holds it at its own size."""
    found: list[Rung] = []
    picture, largest = clip.draft.picture, 10_000
    for box, kbps in STEPS:
        scale = box_scale(box, picture.width, picture.height)
        if box > largest:
            break
        largest = box if scale == 1 else largest
        width, height = scaled(picture.width, picture.height, scale)
        found.append(
            Rung(
                codec=Codec.H264,
                width=width,
                height=height,
                crf=0,
                maxrate_kbps=PEAK * kbps,
                preset=preset,
                options=options,
            )
        )
    return found


def commands(plan: EncodePlan, chunk: Chunk, source: Path, output: Path) -> list[list[str]]:
    """The pipeline's command, but with a mean rate in two passes in place of constant quality."""
    rung = plan.rungs[0]
    (given,) = chunk_commands(plan, rung, chunk, source, output)
    at = given.index("-crf")
    rated = [*given[:at], "-b:v", f"{rung.maxrate_kbps // PEAK}k", *given[at + 2 :]]
    place = rated.index(next(word for word in rated if word.endswith("whole.mp4")))
    first = [*rated[:place], "-pass", "1", *rated[place:]]
    return [first, [*rated[:place], "-pass", "2", *rated[place:]]]
